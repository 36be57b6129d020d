using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>What a kubeconfig says of a plugin that prints a credential (<c>client.authentication.k8s.io</c>).</summary>
internal sealed record ExecPluginOrder
{
    public required string ApiVersion { get; init; }

    public required string Command { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>How to install it, in the kubeconfig's words.</summary>
    public string? InstallHint { get; init; }

    /// <summary>The cluster, for a plugin that asks for it; null where it does not.</summary>
    public JsonObject? Cluster { get; init; }

    /// <summary>Folder of the kubeconfig: what a command with a path is relative to.</summary>
    public required string Folder { get; init; }
}

/// <summary>Runs the plugin: without a terminal, without input, with a time-out; what it prints is read up to a limit and never shown.</summary>
internal sealed class ExecPlugin(ExecPluginOrder order, TimeProvider time)
{
    private const int MostOutput = 1024 * 1024;
    private const int MostErrors = 1000;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    /// <summary>The credentials of this plugin.</summary>
    public static IKubeCredentials Open(ExecPluginOrder order, TimeProvider time) => new RenewedCredentials(new ExecPlugin(order, time).RunAsync, time);

    private async Task<KubeAnswer<DatedCredential>> RunAsync()
    {
        if (ProgramSearch.Find(order.Command, order.Folder) is not { } program)
        {
            return Failed("is not there", order.InstallHint is { } hint ? ": " + hint : "; install it, or look at users[].user.exec.command");
        }

        using var process = new System.Diagnostics.Process { StartInfo = StartInfo(program) };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            return Failed($"cannot be started: {failure.Message}");
        }

        using var timeout = new CancellationTokenSource(s_timeout, time);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, MostOutput, timeout.Token);
            var errors = ReadAsync(process.StandardError, MostErrors, timeout.Token);
            await Task.WhenAll(output, errors).ConfigureAwait(false);
            await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            var said = (await errors.ConfigureAwait(false)).Trim();
            return process.ExitCode == 0
                ? Read(await output.ConfigureAwait(false))
                : Failed($"ended with exit code {process.ExitCode}", said.Length == 0 ? "" : ": " + said);
        }
        catch (OperationCanceledException)
        {
            return Failed($"did not end within {s_timeout.TotalSeconds:0} s, and was stopped");
        }
        catch (IOException failure)
        {
            return Failed($"cannot be read: {failure.Message}");
        }
        finally
        {
            Stop(process);
        }
    }

    private ProcessStartInfo StartInfo(string program)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var argument in order.Args)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in order.Environment)
        {
            start.Environment[name] = value;
        }

        var spec = new JsonObject { ["interactive"] = false };
        if (order.Cluster is not null)
        {
            spec["cluster"] = order.Cluster.DeepClone();
        }

        start.Environment["KUBERNETES_EXEC_INFO"] =
            new JsonObject { ["apiVersion"] = order.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
        return start;
    }

    /// <summary>Reads to the end, so that the plugin can end too, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, int most, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            text.Append(buffer, 0, Math.Min(read, most - text.Length));
        }

        return text.ToString();
    }

    private KubeAnswer<DatedCredential> Read(string output)
    {
        var answer = KubeJson.Parse(Encoding.UTF8.GetBytes(output));
        if (answer is null || KubeJson.Text(answer["kind"]) != "ExecCredential")
        {
            return Failed("printed no ExecCredential in JSON");
        }

        if (KubeJson.Text(answer["apiVersion"]) != order.ApiVersion)
        {
            return Failed($"printed another apiVersion than {order.ApiVersion}, which it was asked for");
        }

        var status = answer["status"] as JsonObject;
        var token = KubeJson.Text(status?["token"]) is { Length: > 0 } some ? some : null;
        var (certificate, key) = (KubeJson.Text(status?["clientCertificateData"]), KubeJson.Text(status?["clientKeyData"]));
        if (token is null && (certificate is null || key is null))
        {
            return Failed("printed neither status.token nor status.clientCertificateData with status.clientKeyData");
        }

        if (token is not null && TokenFile.Fault(token) is { } fault)
        {
            return Failed($"printed a status.token that {fault}");
        }

        DateTimeOffset? expires = null;
        if (KubeJson.Text(status?["expirationTimestamp"]) is { } stamp)
        {
            if (!DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                return Failed($"printed {Wording.Quote(stamp)} as status.expirationTimestamp, which is no time");
            }

            expires = parsed;
        }

        string? wrong = null;
        var credential = certificate is null || key is null ? new KubeCredential(token) : ClientCertificate.Read(certificate, key, token, out wrong);
        return credential is null ? Failed($"printed a client certificate that {wrong}") : new DatedCredential(credential, expires, expires);
    }

    private KubeFailure Failed(string what, string why = "") => new(KubeFailureKind.Unauthorized, $"the exec plugin {Wording.Quote(order.Command)} {what}{why}");

    private static void Stop(System.Diagnostics.Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended, which is what is wanted.
            return;
        }
    }
}

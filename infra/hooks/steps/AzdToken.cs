using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Pushcart.Deployment;

/// <summary>Tokens of whoever is signed in with azd. They come by its standard output, and go on in headers only.</summary>
public static class AzdToken
{
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(60);

    /// <summary>A token.</summary>
    /// <param name="scope">What it is for, such as <c>https://storage.azure.com/.default</c>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="HookException">azd is missing, signed out, or gives none within 60 s.</exception>
    public static async Task<string> GetAsync(string scope, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("azd", ["auth", "token", "--scope", scope, "--output", "json"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var azd = new Process { StartInfo = start };
        try
        {
            azd.Start();
        }
        catch (Win32Exception)
        {
            throw new HookException("azd is not on PATH; install it (https://aka.ms/azd) and run `azd up` again");
        }

        azd.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = TimeProvider.System.CreateTimer(_ => limit.Cancel(), null, s_most, Timeout.InfiniteTimeSpan);
        var output = azd.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = azd.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await azd.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false);
            var said = (await errors.ConfigureAwait(false)).Trim();
            return azd.ExitCode == 0 ? Read(text, scope) : throw new HookException($"azd gives no token for {scope} (exit code {azd.ExitCode}): {said}; run `azd auth login`");
        }
        catch (OperationCanceledException)
        {
            azd.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new HookException($"azd gave no token for {scope} within {s_most.TotalSeconds:0} s; run `azd auth login`, then `azd up` again");
        }
    }

    // What azd wrote is not repeated: it may hold the token.
    private static string Read(string text, string scope)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("token", out var token) && token.GetString() is { Length: > 0 } value)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            throw new HookException($"azd auth token wrote no JSON for {scope}; update azd");
        }

        throw new HookException($"azd auth token wrote no token for {scope}; update azd");
    }
}

using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Execution.Kubernetes.Client;

/// <summary>Plugins that print a credential, as real child processes.</summary>
public sealed class ExecPluginTests : IDisposable
{
    private const string Print = """printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t-%s"}}' "$(wc -l < runs | tr -d ' ')" """;

    private readonly string _folder = Directory.CreateTempSubdirectory("exec").FullName;
    private readonly ManualTime _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_gets_arguments_environment_and_cluster_and_no_input()
    {
        var connection = Open(
            """cat > input; echo "$1|$2|$PLUGIN" > given; echo "$KUBERNETES_EXEC_INFO" > info; """ + Print,
            """args: ["a b", "$HOME"], env: [{name: PLUGIN, value: "x y"}], provideClusterInfo: true""",
            """, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: "1", deep: [true, 2]}}]""");

        Assert.Equal("t-1", (await connection.Credentials.GetAsync(default)).Value?.Token);
        Assert.Equal("a b|$HOME|x y\n", await File.ReadAllTextAsync(Path.Combine(_folder, "given")));
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(_folder, "input")));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""
                {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
                 "spec":{"interactive":false,"cluster":{"server":"https://api.test","config":{"audience":"1","deep":[true,2]}}}}
                """),
            JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "info")))));
    }

    [Fact]
    public async Task It_runs_again_when_its_credential_expires_or_is_refused()
    {
        var until = _time.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var connection = Open(Print.Replace("\"status\":{", $$"""
            "status":{"expirationTimestamp":"{{until}}",
            """, StringComparison.Ordinal));

        Assert.Equal("t-1", await Token(connection));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("t-1", await Token(connection));
        Assert.True(connection.Credentials.Refused((await connection.Credentials.GetAsync(default)).Value!));
        Assert.Equal("t-2", await Token(connection));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("t-3", await Token(connection));
    }

    [Theory]
    [InlineData("echo s3cret; echo went wrong >&2; exit 3", "ended with exit code 3: went wrong")]
    [InlineData("echo s3cret", "printed no ExecCredential in JSON")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"s3cret"}}'""", "printed another apiVersion")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"s3cret"}}'""", "printed neither status.token")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"s3cret x"}}'""", "status.token that holds")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1", "xxx")]
    public async Task Its_failure_is_told_without_what_it_printed(string script, string told)
    {
        var failure = (await Open(script).Credentials.GetAsync(default)).Failure!;

        Assert.Equal(KubeFailureKind.Unauthorized, failure.Kind);
        Assert.StartsWith("the exec plugin \"./plugin\" ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 1, 1200);
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_is_told_with_the_kubeconfigs_hint()
    {
        var connection = Open("true", "installHint: \"get it from the depot\"", command: "pushcart-no-such-plugin");

        Assert.Equal("the exec plugin \"pushcart-no-such-plugin\" is not there: get it from the depot", (await connection.Credentials.GetAsync(default)).Failure?.Message);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_stopped()
    {
        var connection = Open("echo $$ > pid; exec sleep 600");
        var asking = connection.Credentials.GetAsync(default);
        await FunctionsWorker.Eventually.TrueAsync(() => File.Exists(Path.Combine(_folder, "pid")) && new FileInfo(Path.Combine(_folder, "pid")).Length > 0, "the plugin runs");
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("did not end within 60 s", (await asking).Failure?.Message, StringComparison.Ordinal);
        var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "pid")));
        await FunctionsWorker.Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal), "it is gone");
    }

    private static async Task<string?> Token(KubeConnection connection) => (await connection.Credentials.GetAsync(default)).Value?.Token;

    private KubeConnection Open(string script, string? exec = null, string cluster = "", string command = "./plugin")
    {
        var plugin = Path.Combine(_folder, "plugin");
        File.WriteAllText(plugin, $"#!/bin/sh\ncd '{_folder}'\necho run >> runs\n{script}\n");
        File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(
            path,
            $$"""
            clusters: [{name: c, cluster: {server: "https://api.test"{{cluster}} } }]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: {{command}}{{(exec is null ? "" : ", " + exec)}} } } }]
            contexts: [{name: x, context: {cluster: c, user: u} }]
            current-context: x
            """);
        var answer = KubeConnection.FromKubeconfig(new KubeconfigChoice { Path = path }, _time);
        Assert.Null(answer.Failure);
        return answer.Value!;
    }
}

using System.Text;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Git;
using static Pushcart.Tests.Unit.Execution.Kubernetes.GivenRun;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

public sealed class CloneSecretTests
{
    [Fact]
    public void It_is_owned_by_the_job_and_has_its_name_and_labels()
    {
        var spec = Private(new TokenAuth("Bearer x"));

        var secret = CloneSecret.Build(spec, JobBuilder.Build(spec), "uid-1");
        secret.Remove("data");

        Assert.Equal(
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"build-0123456789abcdefghij-1","namespace":"team","labels":{"pushcart.dev/installation":"inst1","pushcart.dev/job-id":"0123456789abcdefghij","pushcart.dev/run":"1"},"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"build-0123456789abcdefghij-1","uid":"uid-1"}]},"type":"Opaque"}""",
            Json(secret));
    }

    [Fact]
    public void A_header_is_configured_for_its_own_server_and_redirects_are_not_followed_with_it()
    {
        Assert.Equal(
            "[http]\n\tfollowRedirects = false\n[http \"https://git.example.org/\"]\n\textraHeader = \"Authorization: a\\\\b\\\"c\"\n",
            Data(Private(new TokenAuth("a\\b\"c")))["gitconfig"]);
    }

    [Fact]
    public void Ssh_gets_its_key_its_hosts_its_configuration_and_a_name_for_its_user()
    {
        var data = Data(Private(new SshAuth("-----KEY-----\r\nx", "host key"), "ssh://git@git.example.org:2222/app.git"));

        Assert.Equal(["config", "key", "known_hosts", "passwd"], data.Keys.Order());
        Assert.Equal("-----KEY-----\nx\n", data["key"]);
        Assert.Equal("host key\n", data["known_hosts"]);
        Assert.Contains("StrictHostKeyChecking yes\n", data["config"], StringComparison.Ordinal);
        Assert.Contains("pushcart:x:1000:1000::/tmp:/bin/sh\n", data["passwd"], StringComparison.Ordinal);
        Assert.Contains("\"mountPath\":\"/etc/passwd\",\"subPath\":\"passwd\"", Json(Cloner(Private(new SshAuth("k", "h"), "git@h:a"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_that_the_cluster_chooses_gets_no_name()
    {
        var spec = Private(new SshAuth("k", "h"), "git@h:a") with { PodSecurityContext = new() { ["runAsNonRoot"] = true } };

        Assert.DoesNotContain("passwd", Data(spec).Keys);
        Assert.DoesNotContain("/etc/passwd", Json(Cloner(spec)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_copied_for_a_repository_without_credentials()
    {
        Assert.False(CloneSecret.IsNeeded(Spec.Checkout.Endpoint));
        Assert.True(CloneSecret.IsNeeded(Spec.Checkout.Endpoint with { CaCertificates = "-----BEGIN CERTIFICATE-----" }));
    }

    private static Dictionary<string, string> Data(RunSpec spec) => ((System.Text.Json.Nodes.JsonObject)CloneSecret.Build(spec, JobBuilder.Build(spec), "uid")["data"]!)
        .ToDictionary(item => item.Key, item => Encoding.UTF8.GetString(Convert.FromBase64String(item.Value!.GetValue<string>())));
}

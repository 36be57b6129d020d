using Pushcart.Execution.Kubernetes;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

public sealed class KubernetesSecretsTests
{
    private const string Secret = """{"kind":"Secret","data":{"password":"aHVzaAo=","broken":"%%"} }""";
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_key_is_read_without_its_line_break_and_the_secret_kept_for_a_minute()
    {
        using var api = new FakeApi().Answers(200, Secret).Answers(200, Secret);
        using var client = api.Client();
        var secrets = new KubernetesSecrets(client, new(), _time);

        Assert.Equal("hush", (await secrets.ReadAsync("team", "login", "password", default)).Value);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("hush", (await secrets.ReadAsync("team", "login", "password", default)).Value);
        Assert.Equal(["GET /base/api/v1/namespaces/team/secrets/login"], api.Asked);

        _time.Advance(TimeSpan.FromSeconds(1));
        await secrets.ReadAsync("team", "login", "password", default);
        Assert.Equal(2, api.Asked.Count);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("broken")]
    public async Task A_missing_key_is_told_with_those_that_are_there_and_no_value(string key)
    {
        using var api = new FakeApi().Answers(200, Secret);
        using var client = api.Client();

        var answer = await new KubernetesSecrets(client, new(), _time).ReadAsync("team", "login", key, default);

        Assert.Equal((null, $"the secret team/login has no key {key}; it has password, broken", true), (answer.Value, answer.Error, answer.Answered));
    }

    [Fact]
    public async Task A_missing_secret_says_how_to_make_it_and_is_asked_for_anew()
    {
        using var api = new FakeApi().Fails(404, "NotFound", "secrets login not found").Answers(200, Secret);
        using var client = api.Client();
        var secrets = new KubernetesSecrets(client, new(), _time);

        var missing = await secrets.ReadAsync("team", "login", "password", default);
        Assert.Equal("the secret team/login does not exist; make it: kubectl create secret generic login --namespace team --from-literal=password=...", missing.Error);
        Assert.True(missing.Answered);
        Assert.Equal("hush", (await secrets.ReadAsync("team", "login", "password", default)).Value);
    }

    [Fact]
    public async Task What_may_not_be_read_is_no_missing_key()
    {
        using var api = new FakeApi().Fails(403, "Forbidden", "secrets login is forbidden: User x cannot get resource secrets in namespace team");
        using var client = api.Client();

        var answer = await new KubernetesSecrets(client, new(), _time).ReadAsync("team", "login", "password", default);

        Assert.False(answer.Answered);
        Assert.Contains("cannot get resource secrets", answer.Error, StringComparison.Ordinal);
    }
}

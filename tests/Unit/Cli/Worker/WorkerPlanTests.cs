using Pushcart.Cli.Worker;

namespace Pushcart.Tests.Unit.Cli.Worker;

public sealed class WorkerPlanTests : IDisposable
{
    private static readonly string s_token = "pct_" + new string('a', 64);
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void A_flag_stands_over_the_environment_that_over_a_file_and_that_over_the_default()
    {
        File.WriteAllText(_file, """{"server": "https://file.example", "name": "of-file", "max-parallel-jobs": 9, "labels": {"zone": "a"}, "check-in-interval": "2m"}""");
        var values = Read([("name", "of-flag")], [("PUSHCART_WORKER_NAME", "of-environment"), ("PUSHCART_WORKER_SERVER", "https://environment.example")]);
        var plan = WorkerPlan.Of(values, "1.0.0")!;

        Assert.Empty(values.Errors);
        Assert.Equal(("of-flag", "https://environment.example/", 9, TimeSpan.FromMinutes(2)), (plan.Worker.Name, plan.Link.Server.ToString(), plan.Worker.MaxParallelJobs, plan.Worker.CheckInInterval));
        Assert.Equal(("a", "kubernetes", TimeSpan.FromMinutes(10)), (plan.Worker.Labels["zone"], plan.Executor, plan.Worker.Grace));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_with_the_setting_and_its_value()
    {
        File.WriteAllText(_file, """{"nonsense": 1}""");
        var values = Read(
            [("name", "Edge!"), ("executor", "docker"), ("max-parallel-jobs", "0"), ("labels", "zone"), ("state", "secret:x"), ("listen", "here"), ("ca-file", "/not/there")],
            [("PUSHCART_WORKER_CHECK_IN_INTERVAL", "soon"), ("PUSHCART_WORKER_TOKEN", "abc"), ("PUSHCART_WORKER_REGISTRATION_TOKEN_FILE", "f")]);

        Assert.Null(WorkerPlan.Of(values, "1.0.0"));
        foreach (var part in (string[])["nonsense", "server: it is not set", "Edge!", "docker", "max-parallel-jobs: '0'", "labels: 'zone'", "secret:x", "listen: 'here'", "ca-file: /not/there", "'soon'", "token: it is no service token", "registration-token-file: it cannot stand beside"])
        {
            Assert.Contains(values.Errors, e => e.Contains(part, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(values.Errors, e => e.Contains("abc", StringComparison.Ordinal));
    }

    [Fact]
    public void Printed_settings_say_where_each_comes_from_and_show_no_secret()
    {
        File.WriteAllText(_file, "{}");
        var lines = Read([("server", "https://x.example"), ("name", "edge")], [("PUSHCART_WORKER_TOKEN", s_token)]).Lines().ToList();

        Assert.Contains("name = edge   (--name)", lines);
        Assert.Contains("token = (set, not shown)   (PUSHCART_WORKER_TOKEN)", lines);
        Assert.Contains("grace = 10m   (default)", lines);
        Assert.DoesNotContain(lines, l => l.Contains("pct_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--token", true)]
    [InlineData("PUSHCART_WORKER_TOKEN", false)]
    public void A_token_given_literally_works_with_a_warning_and_the_safer_form(string place, bool warned)
    {
        File.WriteAllText(_file, "{}");
        var values = Read(
            [("server", "https://x.example"), ("name", "edge/pod-1"), .. place == "--token" ? new[] { ("token", s_token) } : []],
            place == "--token" ? [] : [("PUSHCART_WORKER_TOKEN", s_token)]);
        var plan = WorkerPlan.Of(values, "1.0.0")!;

        Assert.Empty(values.Errors);
        Assert.NotNull(plan.ServiceToken);
        Assert.Equal(warned, plan.Warnings.Any(w => w.Contains("--token-file", StringComparison.Ordinal)));
        Assert.DoesNotContain(plan.Warnings, w => w.Contains(s_token, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_encrypted_or_not_looked_at_is_warned_of()
    {
        File.WriteAllText(_file, "{}");
        Assert.Contains("not encrypted", WorkerPlan.Of(Read([("server", "http://x.example"), ("name", "edge")], []), "1")!.Warnings.Single(), StringComparison.Ordinal);
        Assert.Contains("--insecure", WorkerPlan.Of(Read([("server", "https://x.example"), ("name", "edge"), ("insecure", "true")], []), "1")!.Warnings.Single(), StringComparison.Ordinal);
        Assert.Contains("a worker that registers is one process", Assert.Single(Wrong([("server", "https://x.example"), ("name", "edge/pod")])), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private List<string> Wrong((string, string)[] flags)
    {
        var values = Read(flags, []);
        Assert.Null(WorkerPlan.Of(values, "1"));
        return values.Errors;
    }

    private WorkerValues Read((string Name, string Value)[] flags, (string Name, string Value)[] variables) => WorkerValues.Read(
        name => flags.FirstOrDefault(f => f.Name == name).Value, name => variables.FirstOrDefault(v => v.Name == name).Value, _file);
}

using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Storage;
using Pushcart.Tests.Real.Jobs;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Budgets;

/// <summary>What things cost, counted: the budgets of the architecture's page. A message shows what was done where one is exceeded.</summary>
[Collection("azurite")]
public sealed class StorageAndGitTests(AzuriteFixture azurite)
{
    private const int BytesDown = 1536;

    [Fact]
    public async Task An_unchanged_check_is_one_request_a_point_read_and_no_write()
    {
        await using var here = await SettledAsync();
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();
        var traffic = here.Process.Storage;

        (traffic, var git) = (Cleared(traffic), here.Process.Git);
        git.Clear();
        Assert.Equal(1, await here.DeliverChecksAsync());

        Assert.Equal(1, git.Requests);
        Assert.InRange(git.Received, 1, BytesDown);
        Assert.True(Count(traffic, "read", TableNames.Live) == 1 && traffic.Operations.Count(o => o.IsRead) == 1, traffic.Describe());
        Assert.True(!traffic.Operations.Any(o => o.IsWrite || o.Kind == "send"), traffic.Describe());
    }

    [Fact]
    public async Task The_row_of_a_source_is_read_before_git_is_asked_for_an_older_answer_of_git_proves_nothing()
    {
        await using var here = await SettledAsync();
        here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();
        var traffic = Cleared(here.Process.Storage);
        var read = new List<bool>();
        here.OnGitRequest = (_, _) =>
        {
            lock (read)
            {
                read.Add(Count(traffic, "read", TableNames.Live) > 0);
                return Task.FromResult(false);
            }
        };

        await here.DeliverChecksAsync();

        Assert.NotEmpty(read);
        Assert.DoesNotContain(false, read);
        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task Twenty_triggers_of_one_remote_are_one_message_one_request_and_a_point_read_each()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync([Source("app", here.Uri), Action("build"), .. Enumerable.Range(0, 20).Select(n => Trigger($"t{n}", "app", "build", schedule: "cron: \"0 * * * * *\""))]);
        await here.DeliverChecksAsync();
        await here.CheckAgainAsync();
        await here.CheckAgainAsync();
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();

        var traffic = Cleared(here.Process.Storage);
        here.Process.Git.Clear();
        Assert.Equal(1, await here.DeliverChecksAsync());

        Assert.Equal(1, here.Process.Git.Requests);
        Assert.InRange(here.Process.Git.Received, 1, BytesDown);
        Assert.True(traffic.Operations.Count(o => o.IsRead) == 20 && !traffic.Operations.Any(o => o.IsWrite), traffic.Describe());
    }

    [Fact]
    public async Task A_tick_is_3_reads_and_a_write_and_with_a_message_3_queue_operations()
    {
        await using var here = await SettledAsync($"cron: \"0 {TimeProvider.System.GetUtcNow().AddMinutes(40).Minute} * * * *\"");
        here.Time.Advance(TimeSpan.FromSeconds(10));
        var traffic = Cleared(here.Process.Storage);
        await here.PollAsync();
        Assert.True(traffic.Operations.Count(o => o.IsRead) <= 3 && traffic.Operations.Count(o => o.IsWrite) <= 1 && traffic.Operations.Count <= 4, traffic.Describe());

        here.Time.Advance(TimeSpan.FromHours(1));
        traffic.Clear();
        await here.PollAsync();
        Assert.Equal(1, await here.DeliverChecksAsync());
        var queue = traffic.Operations.Where(o => o.Kind is "send" or "receive" or "delete").ToList();
        var rows = traffic.Operations.Except(queue).ToList();
        Assert.True(queue.Count <= 3, traffic.Describe());
        Assert.True(traffic.Operations.Count(o => o.IsRead) <= 3 + 1 && traffic.Operations.Count(o => o.IsWrite) <= 1 && rows.Count <= 5, traffic.Describe());
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData(", concurrency: {group: deploy, limit: 1}", 11)]
    [InlineData(", concurrency: {cancelSuperseded: true}", 11)]
    public async Task A_scheduled_job_from_its_check_to_history_is_10_operations_and_1_more_for_a_group_or_supersede(string more, int most)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", here.WaitsFor("go"), more), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        here.LetGo("go");
        await here.FinishAsync();
        File.Delete(here.PathOf("go"));
        here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(9));
        await here.ObserveAsync();
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.PollAsync();

        // Every 10 min a pass looks for runs without a row; that is not the job's.
        await here.ObserveAsync();
        var traffic = Cleared(here.Process.Storage);
        await here.ObserveAsync();
        var idle = traffic.Operations.Count;
        traffic.Clear();
        Assert.Equal(1, await here.DeliverChecksAsync());
        Assert.Equal(1, await here.DeliverJobsAsync());
        await here.ObserveAsync();
        Assert.Equal(JobState.Running, (await here.JobAsync()).State);
        here.LetGo("go");
        await here.WaitAsync(async () => (await here.Process.Get<IExecutor>().ListAsync(["default"], default)).Runs.All(r => !r.Alive));
        await here.ObserveAsync();
        Assert.Equal(2, (await here.FinishedAsync()).Count);

        // Shared: the two passes' own operations, and the receipt of the checks message (its send was the tick's).
        var own = traffic.Operations.Count - (2 * idle) - traffic.Operations.Count(o => o is { Kind: "receive" or "delete", Name: QueueNames.Checks });
        Assert.True(own <= most, $"{own} of at most {most}; idle passes {idle}; {traffic.Describe()}");
    }

    [Fact]
    public async Task A_job_from_its_webhook_to_history_is_14_operations()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, [("Webhooks:GitHub:Secrets", "s")]);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", here.WaitsFor("go")), """
            {apiVersion: pushcart.dev/v1, kind: WebhookTrigger, metadata: {name: app}, spec: {sources: {names: [app]}, action: {kind: Action, name: build}}}
            """);
        await PushAsync("1");
        Assert.Equal(1, await here.DeliverChecksAsync());
        here.LetGo("go");
        await here.FinishAsync();
        File.Delete(here.PathOf("go"));
        here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(10));

        // Every 10 min a pass looks for runs without a row, and once in 5 s resources are asked for: neither is the job's.
        await here.ObserveAsync();
        var traffic = Cleared(here.Process.Storage);
        await here.ObserveAsync();
        var idle = traffic.Operations.Count;
        traffic.Clear();
        await PushAsync("2");
        Assert.Equal(1, await here.DeliverChecksAsync());
        Assert.Equal(1, await here.DeliverJobsAsync());
        await here.ObserveAsync();
        Assert.Equal(JobState.Running, (await here.JobAsync()).State);
        here.LetGo("go");
        await here.WaitAsync(async () => (await here.Process.Get<IExecutor>().ListAsync(["default"], default)).Runs.All(r => !r.Alive));
        await here.ObserveAsync();
        Assert.Equal(2, (await here.FinishedAsync()).Count);

        var own = traffic.Operations.Count - (2 * idle) - Count(traffic, "read", TableNames.Resources);
        Assert.True(own <= 14, $"{own} of at most 14; idle passes {idle}; {traffic.Describe()}");

        async Task PushAsync(string delivery)
        {
            var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { @ref = "refs/heads/main", repository = new { clone_url = here.Uri } });
            var headers = new Dictionary<string, string>
            {
                ["X-GitHub-Event"] = "push",
                ["X-GitHub-Delivery"] = delivery,
                ["X-Hub-Signature-256"] = "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("s"u8, body)),
            };
            var answer = await here.Process.Get<Pushcart.Webhooks.ProviderHooks>().TakeAsync(
                "github", new() { Header = name => headers.TryGetValue(name, out var value) ? [value] : [], Body = new MemoryStream(body) }, default);
            Assert.Equal(202, answer.Code);
        }
    }

    [Fact]
    public async Task An_idle_pass_of_Observe_is_4_reads_and_a_write_and_5_reads_every_10_minutes()
    {
        await using var here = await SettledAsync();
        var traffic = here.Process.Storage;
        var reads = new List<int>();
        for (var pass = 0; pass < 42; pass++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(15));
            traffic.Clear();
            await here.ObserveAsync();
            reads.Add(traffic.Operations.Count(o => o.IsRead));
            Assert.True(reads[^1] <= 5 && traffic.Operations.Count == reads[^1] + 1 && traffic.Operations.Count(o => o.IsWrite) == 1, traffic.Describe());
        }

        Assert.InRange(reads.Count(r => r == 5), 1, 2);
    }

    [Fact]
    public async Task Cleaning_1000_rows_of_one_day_is_12_transactions()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var day = new DateTimeOffset(here.Time.GetUtcNow().UtcDateTime.Date.AddDays(-40), TimeSpan.Zero);
        await here.History.InsertAsync(
            [.. Enumerable.Range(0, 1000).Select(n => day.AddSeconds(n * 60)).Select(at => (HistoryTests.Ended(at, at.AddMinutes(1)), (string?)"log"))], default);

        var traffic = Cleared(here.Process.Storage);
        await here.Process.Get<HistoryCleaning>().CleanAsync(default);

        Assert.True(traffic.Operations.Count <= 12, traffic.Describe());
        Assert.Empty(await here.FinishedAsync());
    }

    private static InstallationTraffic Cleared(InstallationTraffic traffic)
    {
        traffic.Clear();
        return traffic;
    }

    private static int Count(InstallationTraffic traffic, string kind, string name) => traffic.Operations.Count(o => o.Kind == kind && o.Name == name);

    private async Task<InstallationOnAzurite> SettledAsync(string schedule = "interval: 10m")
    {
        var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", schedule: schedule));
        await here.DeliverChecksAsync();
        await here.FinishAsync();
        await here.CheckAgainAsync();
        await here.ObserveAsync();
        return here;
    }
}

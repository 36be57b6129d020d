using Azure.Storage.Queues;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>Two processes of one application on one storage.</summary>
[Collection("azurite")]
public sealed class TwoHostsTests(AzuriteFixture azurite) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-hosts-").FullName;
    private readonly string _name = TestHost.NewName();

    [Fact]
    public async Task They_share_a_queue_and_each_message_runs_once()
    {
        var queue = await QueueAsync();
        using var one = Start("one", ("Sample__Takes", "00:00:00.05"));
        using var two = Start("two", ("Sample__Takes", "00:00:00.05"));
        await Task.WhenAll(one.ListeningAsync(), two.ListeningAsync());
        var sent = Enumerable.Range(0, 60).Select(i => $"m{i:00}").ToList();
        await Task.WhenAll(sent.Select(text => queue.SendMessageAsync(text)));

        await Eventually.TrueAsync(() => Lines("one").Length + Lines("two").Length >= 60, "all messages");
        await Eventually.TrueAsync(async () => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0, "the queue is empty");

        Assert.NotEmpty(Lines("one"));
        Assert.NotEmpty(Lines("two"));
        Assert.Equal(sent, Lines("one").Concat(Lines("two")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_killed_host_worked_on_runs_on_the_other()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("a");
        await queue.SendMessageAsync("b");
        using var killed = Start("killed", ("Sample__Takes", "00:10:00"), ("Host__MessageHidden", "00:00:06"));
        await killed.ListeningAsync();
        await Eventually.TrueAsync(() => Lines("killed.started").Length == 2, "both are worked on");
        using var other = Start("other");
        await other.ListeningAsync();

        await killed.SignalAsync("KILL");

        await Eventually.TrueAsync(() => Lines("other").Length == 2, "both run again");
        Assert.Equal(["a", "b"], Lines("other").Order(StringComparer.Ordinal));
        Assert.Empty(Lines("killed"));
    }

    [Fact]
    public async Task A_timer_runs_on_one_of_them_and_on_the_other_once_that_was_killed()
    {
        await QueueAsync();
        (string, string)[] timer = [("Sample__Schedule", "* * * * * *"), ("Host__TimerLease", "00:00:06")];
        using var one = Start("one", timer);
        using var two = Start("two", timer);
        await Task.WhenAll(one.ListeningAsync(), two.ListeningAsync());
        await Eventually.TrueAsync(() => Lines("one").Length + Lines("two").Length >= 3, "three ticks");
        var (owner, runs, waits) = Lines("one").Length > 0 ? (one, "one", "two") : (two, "two", "one");
        Assert.Empty(Lines(waits));

        await owner.SignalAsync("KILL");

        await Eventually.TrueAsync(() => Lines(waits).Length >= 2, "ticks of the other", seconds: 30);
        var before = Lines(runs).Length;
        await Eventually.TrueAsync(() => Lines(waits).Length >= 3, "another tick");
        Assert.Equal(before, Lines(runs).Length);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string[] Lines(string file) => File.Exists(Path.Combine(_folder, file)) ? File.ReadAllLines(Path.Combine(_folder, file)) : [];

    private async Task<QueueClient> QueueAsync()
    {
        var queue = new QueueClient(azurite.ConnectionString, _name);
        await queue.CreateAsync();
        return queue;
    }

    private SampleHost Start(string output, params (string Name, string Value)[] variables) => SampleHost.Start(
        _folder,
        [
            ("AzureWebJobsStorage", azurite.ConnectionString),
            ("AzureFunctionsJobHost__extensions__queues__maxPollingInterval", "00:00:00.3"),
            ("Storage__Prefix", _name),
            ("Host__Urls", "http://127.0.0.1:0"),
            ("Sample__Queue", _name),
            ("Sample__Schedule", "0 0 0 1 1 *"),
            ("Sample__Output", Path.Combine(_folder, output)),
            .. variables,
        ]);
}

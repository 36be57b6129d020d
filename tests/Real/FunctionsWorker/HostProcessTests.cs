using System.Net;
using System.Net.Sockets;
using Azure.Storage.Queues;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

[Collection("azurite")]
public sealed class HostProcessTests(AzuriteFixture azurite) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-host-").FullName;
    private readonly string _name = TestHost.NewName();

    private string OutputFile => Path.Combine(_folder, "output");

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_lets_running_functions_end_and_loses_nothing(string signal)
    {
        var queue = await QueueAsync(messages: 6);
        using var host = Start(("Sample__Takes", "00:00:01.5"));
        await host.ListeningAsync();
        await Eventually.TrueAsync(() => Started() == 6, "all messages are worked on");

        await host.SignalAsync(signal);

        Assert.Equal(0, await host.EndAsync());
        Assert.Empty(host.Error);
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5"], File.ReadAllLines(OutputFile).Order(StringComparer.Ordinal));
        Assert.Equal(0, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task A_stop_answers_the_requests_that_run_and_takes_no_new_ones()
    {
        await QueueAsync(messages: 3);
        using var host = Start(("Sample__Takes", "00:00:01.5"));
        var address = await host.ListeningAsync();
        using var client = new HttpClient { BaseAddress = address };
        Task<string>[] requests = [client.GetStringAsync("/slow/r0"), client.GetStringAsync("/slow/r1")];
        await Eventually.TrueAsync(() => Started() == 5, "all messages and requests are worked on");

        await host.SignalAsync("TERM");
        await Eventually.TrueAsync(() => host.Output.Any(line => line.Contains("Stopping: 5 functions run still", StringComparison.Ordinal)), "it says what it waits for");
        using var late = new HttpClient { BaseAddress = address };
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetStringAsync("/ping"));

        Assert.Equal(["r0", "r1"], await Task.WhenAll(requests));
        Assert.Equal(0, await host.EndAsync());
        Assert.Equal(["m0", "m1", "m2", "r0", "r1"], File.ReadAllLines(OutputFile).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_signal_ends_at_once_and_the_message_is_not_lost()
    {
        var queue = await QueueAsync(messages: 1);
        using var host = Start(("Sample__Takes", "00:10:00"), ("Host__MessageHidden", "00:00:06"));
        await host.ListeningAsync();
        await Eventually.TrueAsync(() => Started() == 1, "the message is worked on");
        await host.SignalAsync("TERM");
        await Eventually.TrueAsync(() => host.Output.Any(line => line.Contains("Stopping: 1 functions", StringComparison.Ordinal)), "it stops");
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System);

        await host.SignalAsync("TERM");

        Assert.Equal(143, await host.EndAsync(5));
        await Eventually.TrueAsync(async () => (await queue.PeekMessagesAsync(1)).Value.Length == 1, "the message is seen again");
    }

    [Fact]
    public async Task What_runs_beyond_the_grace_is_cancelled_and_its_message_given_back()
    {
        var queue = await QueueAsync(messages: 1);
        using var host = Start(("Sample__Takes", "00:10:00"), ("Host__Grace", "00:00:00.5"));
        await host.ListeningAsync();
        await Eventually.TrueAsync(() => Started() == 1, "the message is worked on");

        await host.SignalAsync("TERM");

        Assert.Equal(0, await host.EndAsync(10));
        Assert.False(File.Exists(OutputFile));
        Assert.Single((await queue.PeekMessagesAsync(1)).Value);
        Assert.Contains(host.Output, line => line.Contains("Function Write was cancelled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_serves_http_and_runs_timers()
    {
        await QueueAsync(messages: 0);
        using var host = Start(("Sample__Schedule", "* * * * * *"));
        using var client = new HttpClient { BaseAddress = await host.ListeningAsync() };
        Assert.Contains("\"path\":\"/ping\"", await client.GetStringAsync("/ping"), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => File.Exists(OutputFile) && File.ReadAllLines(OutputFile).Length >= 2, "two ticks");
        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.EndAsync());
    }

    [Fact]
    public async Task A_taken_port_is_one_line_that_names_it_and_the_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var host = Start(("Host__Urls", $"http://127.0.0.1:{port}"));
        Assert.Equal(1, await host.EndAsync());
        Assert.Equal(
            $"error: port {port} of http://127.0.0.1:{port} is taken by another program: end it, or set Host:Urls to another address, such as http://127.0.0.1:{port + 1}",
            Assert.Single(host.Error));
        Assert.DoesNotContain(host.Output, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Missing_settings_are_a_line_each()
    {
        using var host = SampleHost.Start(_folder, ("Sample__Queue", _name));
        Assert.Equal(1, await host.EndAsync());
        Assert.Collection(
            host.Error,
            line => Assert.StartsWith("error: AzureWebJobsStorage is not set: give it", line, StringComparison.Ordinal),
            line => Assert.StartsWith("error: function Tick: the setting Sample:Schedule is not set", line, StringComparison.Ordinal));
        Assert.Empty(host.Output);
    }

    [Fact]
    public async Task Local_settings_are_read_and_the_environment_wins()
    {
        await QueueAsync(messages: 1);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "local.settings.json"),
            $$"""{ "Values": { "AzureWebJobsStorage": "nonsense", "Sample__Queue": "{{_name}}", "Sample__Schedule": "0 0 0 1 1 *" } }""");
        using var host = SampleHost.Start(
            _folder, ("AzureWebJobsStorage", azurite.ConnectionString), ("Host__Urls", "http://127.0.0.1:0"), ("Sample__Output", OutputFile), ("Storage__Prefix", _name));
        await host.ListeningAsync();
        await Eventually.TrueAsync(() => File.Exists(OutputFile), "the message");
        await host.SignalAsync("TERM");
        Assert.Equal(0, await host.EndAsync());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int Started() => File.Exists(OutputFile + ".started") ? File.ReadAllLines(OutputFile + ".started").Length : 0;

    private async Task<QueueClient> QueueAsync(int messages)
    {
        var queue = new QueueClient(azurite.ConnectionString, _name);
        await queue.CreateAsync();
        for (var i = 0; i < messages; i++)
        {
            await queue.SendMessageAsync($"m{i}");
        }

        return queue;
    }

    private SampleHost Start(params (string Name, string Value)[] variables) => SampleHost.Start(
        _folder,
        [
            ("AzureWebJobsStorage", azurite.ConnectionString),
            ("Storage__Prefix", _name),
            ("Host__Urls", "http://127.0.0.1:0"),
            ("Sample__Queue", _name),
            ("Sample__Schedule", "0 0 0 1 1 *"),
            ("Sample__Output", OutputFile),
            .. variables,
        ]);
}

using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

[Collection("azurite")]
#pragma warning disable CA1001 // xunit calls DisposeAsync
public sealed class QueueTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string _name = TestHost.NewName();
    private readonly Record _record = new();
    private QueueClient _queue = null!;
    private QueueClient _poison = null!;

    public async Task InitializeAsync()
    {
        _queue = new QueueClient(azurite.ConnectionString, _name);
        _poison = new QueueClient(azurite.ConnectionString, _name + "-poison");
        await _queue.CreateAsync();
    }

    public Task DisposeAsync()
    {
        _record.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Each_message_runs_once_and_is_deleted()
    {
        for (var i = 0; i < 20; i++)
        {
            await _queue.SendMessageAsync($"{{\"n\":{i}}}");
        }

        await using var host = await StartAsync<Noting>();
        await Eventually.TrueAsync(() => _record.Lines.Count == 20, "20 messages");
        await Eventually.TrueAsync(async () => await CountAsync(_queue) == 0, "the queue is empty");
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"1 {{\"n\":{i}}}").Order(StringComparer.Ordinal), _record.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_more_messages_are_worked_on_than_a_batch_and_the_threshold()
    {
        for (var i = 0; i < 12; i++)
        {
            await _queue.SendMessageAsync("m");
        }

        // Threshold 1 and batches of 3: a new batch is fetched with 1 at work, so 4 at most.
        await using var host = await StartAsync<Waiting>(("batchSize", "3"), ("newBatchThreshold", "1"));
        await Eventually.TrueAsync(() => _record.Running.Now == 3, "a batch of 3");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        Assert.Equal(3, _record.Running.Now);
        _record.Gate.SetResult();
        await Eventually.TrueAsync(() => _record.Lines.Count == 12, "all 12");
        Assert.InRange(_record.Running.Most, 3, 4);
    }

    [Fact]
    public async Task A_failed_message_comes_back_and_after_the_last_try_goes_to_the_poison_queue()
    {
        await _queue.SendMessageAsync("bad");
        await using var host = await StartAsync<Failing>(("maxDequeueCount", "3"), ("maxPollingInterval", "00:00:00.2"));
        await Eventually.TrueAsync(async () => await CountAsync(_poison) == 1, "one poison message");
        await Eventually.TrueAsync(async () => await CountAsync(_queue) == 0, "the queue is empty");
        Assert.Equal(["1 bad", "2 bad", "3 bad"], _record.Lines);
        PeekedMessage poison = await _poison.PeekMessageAsync();
        Assert.Equal("bad", poison.Body.ToString());
        Assert.InRange(poison.ExpiresOn!.Value - poison.InsertedOn!.Value, TimeSpan.FromDays(6.9), TimeSpan.FromDays(7.1));
        Assert.Contains(_record.Log, line => line.StartsWith("Function Fail failed: InvalidOperationException: no", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_message_waits_for_the_visibility_timeout()
    {
        await _queue.SendMessageAsync("bad");
        await using var host = await StartAsync<Failing>(("visibilityTimeout", "01:00:00"), ("maxPollingInterval", "00:00:00.1"));
        await Eventually.TrueAsync(() => _record.Lines.Count == 1, "the first try");
        var listener = new QueueClient(azurite.ConnectionString, _name);

        // Given back with the time-out, and not just left hidden for the 10 min of its run: the receipt of the fetch is void.
        await Eventually.TrueAsync(
            async () =>
            {
                var seen = (await listener.PeekMessagesAsync(1)).Value;
                Assert.Empty(seen);
                return _record.Log.Any(line => line.Contains("failed", StringComparison.Ordinal));
            },
            "the failure");
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        Assert.Single(_record.Lines);
        Assert.Equal(1, await CountAsync(_queue));
    }

    [Fact]
    public async Task A_message_whose_last_try_ended_with_its_process_goes_to_the_poison_queue_without_another()
    {
        await _queue.SendMessageAsync("killer");
        for (var i = 0; i < 2; i++)
        {
            QueueMessage taken = await _queue.ReceiveMessageAsync();
            await _queue.UpdateMessageAsync(taken.MessageId, taken.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        }

        await using var host = await StartAsync<Noting>(("maxDequeueCount", "2"));
        await Eventually.TrueAsync(async () => await CountAsync(_poison) == 1, "one poison message");
        await Eventually.TrueAsync(async () => await CountAsync(_queue) == 0, "the queue is empty");
        Assert.Empty(_record.Lines);
    }

    [Fact]
    public async Task A_message_of_this_process_wakes_the_listener()
    {
        // The clock stands, so no poll comes by itself after the first.
        await using var host = await StartAsync<Noting>(_name, new ManualTime());
        await IdleAsync();
        await _queue.SendMessageAsync("of another process");
        await IdleAsync();
        Assert.Empty(_record.Lines);

        await host.Queue(azurite.ConnectionString, _name).SendMessageAsync("of this process");
        await Eventually.TrueAsync(() => _record.Lines.Count == 2, "both messages");
    }

    [Fact]
    public async Task A_message_that_goes_to_the_poison_queue_wakes_the_function_that_listens_there()
    {
        await _poison.CreateAsync();
        await using var host = await TestHost.StartAsync(
            azurite.ConnectionString,
            typeof(WithPoison),
            _record,
            [("Queue", _name), ("AzureFunctionsJobHost:extensions:queues:maxDequeueCount", "1")],
            new ManualTime());

        // The clock stands: without being woken nothing is polled again.
        await IdleAsync();
        await host.Queue(azurite.ConnectionString, _name).SendMessageAsync("bad");
        await Eventually.TrueAsync(() => _record.Lines.Contains("poison 1 bad"), "the poison function");
        Assert.Equal(["bad", "poison 1 bad"], _record.Lines);
    }

    [Fact]
    public async Task A_function_may_run_longer_than_its_message_is_hidden_and_no_other_host_gets_it()
    {
        await _queue.SendMessageAsync("long");
        using var others = new Record();
        await using var host = await StartAsync<Waiting>(_name, null, ("Host:MessageHidden", "00:00:06"));
        await Eventually.TrueAsync(() => _record.Running.Now == 1, "the message is worked on");
        await using var other = await TestHost.StartAsync(
            azurite.ConnectionString, typeof(Noting), others, [("Queue", _name), ("AzureFunctionsJobHost:extensions:queues:maxPollingInterval", "00:00:00.2")]);

        // Longer than it would be hidden without renewal, which comes after half of that: a machine that stands still for less than 3 s changes nothing.
        await Task.Delay(TimeSpan.FromSeconds(8), TimeProvider.System);
        _record.Gate.SetResult();
        await Eventually.TrueAsync(async () => await CountAsync(_queue) == 0, "the queue is empty");
        Assert.Empty(others.Lines);
        Assert.Equal(["long"], _record.Lines);
    }

    [Fact]
    public async Task Where_host_json_asks_for_no_encoding_base64_is_left_as_it_is()
    {
        await _queue.SendMessageAsync("Z3LDvMOfZQ==");
        await using var host = await StartAsync<Noting>();
        await Eventually.TrueAsync(() => _record.Lines.Count == 1, "the message");
        Assert.Equal(["1 Z3LDvMOfZQ=="], _record.Lines);
    }

    [Fact]
    public async Task A_function_that_throws_does_not_keep_the_rest_of_its_batch_from_running()
    {
        foreach (var text in (string[])["a", "bad", "b", "bad", "c"])
        {
            await _queue.SendMessageAsync(text);
        }

        await using var host = await StartAsync<FailingAtBad>(("maxDequeueCount", "1"));
        await Eventually.TrueAsync(async () => _record.Lines.Count == 3 && await CountAsync(_poison) == 2, "three good ones and two bad ones");
        Assert.Equal(["a", "b", "c"], _record.Lines.Order(StringComparer.Ordinal));
        Assert.Equal(2, _record.Log.Count(line => line == "Function Fail failed: InvalidOperationException: bad"));
    }

    [Fact]
    public async Task Base64_is_decoded_where_host_json_asks_for_it_and_what_is_none_is_poison()
    {
        await _queue.SendMessageAsync(Convert.ToBase64String("grüße"u8));
        await _queue.SendMessageAsync("no base64!");
        await using var host = await StartAsync<Noting>(("messageEncoding", "base64"));
        await Eventually.TrueAsync(async () => _record.Lines.Count == 1 && await CountAsync(_poison) == 1, "one of each");
        Assert.Equal(["1 grüße"], _record.Lines);
    }

    [Fact]
    public async Task Messages_are_bound_to_text_bytes_and_objects()
    {
        await _queue.SendMessageAsync("""{"Text":"x"}""");
        await using var host = await StartAsync<Typed>();
        await Eventually.TrueAsync(() => _record.Lines.Count == 1, "the message");
        Assert.Equal("x 1 True", _record.Lines.Single());
    }

    [Fact]
    public async Task A_queue_that_is_made_later_is_listened_to()
    {
        var name = TestHost.NewName();
        await using var host = await StartAsync<Noting>(name, null, ("maxPollingInterval", "00:00:00.2"));
        await IdleAsync();
        var queue = new QueueClient(azurite.ConnectionString, name);
        await queue.CreateAsync();
        await queue.SendMessageAsync("first");
        await Eventually.TrueAsync(() => _record.Lines.Count == 1, "the message");
    }

    private Task<TestHost> StartAsync<T>(params (string Name, string Value)[] rules) => StartAsync<T>(_name, null, rules);

    private Task<TestHost> StartAsync<T>(string queue, TimeProvider? time, params (string Name, string Value)[] rules)
    {
        (string, string)[] standard = [("Queue", queue), ("AzureFunctionsJobHost:extensions:queues:visibilityTimeout", "00:00:00")];
        return TestHost.StartAsync(
            azurite.ConnectionString, typeof(T), _record, standard.Concat(rules.Select(rule => (rule.Name.Contains(':') ? rule.Name : "AzureFunctionsJobHost:extensions:queues:" + rule.Name, rule.Value)))
                .GroupBy(pair => pair.Item1).Select(group => group.Last()),
            time);
    }

    /// <summary>Long enough for some polls that find nothing.</summary>
    private static Task IdleAsync() => Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System);

    private static async Task<int> CountAsync(QueueClient queue) =>
        await queue.ExistsAsync() ? (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount : 0;

    public sealed class Noting(Record record)
    {
        [Function("Note")]
        public void Note([QueueTrigger("%Queue%")] string message, long dequeueCount) => record.Lines.Enqueue($"{dequeueCount} {message}");
    }

    public sealed class Waiting(Record record)
    {
        [Function("Wait")]
        public async Task WaitAsync([QueueTrigger("%Queue%")] string message)
        {
            record.Enter();
            await record.Gate.Task;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            record.Leave();
            record.Lines.Enqueue(message);
        }
    }

    public sealed class Failing(Record record)
    {
        [Function("Fail")]
        public Task FailAsync([QueueTrigger("%Queue%")] QueueMessage message)
        {
            record.Lines.Enqueue($"{message.DequeueCount} {message.Body}");
            throw new InvalidOperationException("no");
        }
    }

    public sealed class FailingAtBad(Record record)
    {
        [Function("Fail")]
        public void Fail([QueueTrigger("%Queue%")] string message)
        {
            if (message == "bad")
            {
                throw new InvalidOperationException(message);
            }

            record.Lines.Enqueue(message);
        }
    }

    public sealed class WithPoison(Record record)
    {
        [Function("Fail")]
        public void Fail([QueueTrigger("%Queue%")] string message)
        {
            record.Lines.Enqueue(message);
            throw new InvalidOperationException("no");
        }

        [Function("Poison")]
        public void Poison([QueueTrigger("%Queue%-poison")] string message, long dequeueCount) => record.Lines.Enqueue($"poison {dequeueCount} {message}");
    }

    public sealed class Typed(Record record)
    {
        public sealed record Body(string Text);

        [Function("Type")]
        public void Type([QueueTrigger("%Queue%")] Body message, FunctionContext context, CancellationToken cancellationToken) =>
            record.Lines.Enqueue($"{message.Text} {context.BindingContext.BindingData["dequeuecount"]} {cancellationToken.CanBeCanceled}");
    }
}

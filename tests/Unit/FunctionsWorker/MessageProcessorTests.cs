using Azure;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Queues;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class MessageProcessorTests : IDisposable
{
    private readonly FakeQueue _queue = new();
    private readonly FakeQueue _poison = new("work-poison");
    private readonly ManualTime _time = new();
    private readonly State _state = new();
    private readonly IHost _host;

    public MessageProcessorTests()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.FunctionTypes = [typeof(Functions)];
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_state);
        builder.Services.AddSingleton<TimeProvider>(_time);
        _host = builder.Build();
    }

    [Fact]
    public async Task What_succeeded_is_deleted()
    {
        await RunAsync("Note", "text");
        Assert.Equal(["delete receipt 0"], _queue.Calls);
    }

    [Fact]
    public async Task What_failed_is_seen_again_after_the_visibility_timeout()
    {
        await RunAsync("Fail", "text", dequeueCount: 4);
        Assert.Equal(["hide 30 receipt 0"], _queue.Calls);
        Assert.Empty(_poison.Calls);
    }

    [Theory]
    [InlineData("plain text, unchanged: ü <&>", false)]
    [InlineData("Z3LDvMOfZQ==", true)]
    public async Task What_failed_at_its_last_try_goes_to_the_poison_queue_with_its_text_unchanged(string text, bool base64)
    {
        await RunAsync("Fail", text, dequeueCount: 5, base64: base64);
        Assert.Equal(["send " + text], _poison.Calls);
        Assert.Equal(["delete receipt 0"], _queue.Calls);
    }

    [Fact]
    public async Task A_poison_queue_that_is_not_there_is_made()
    {
        _poison.Failures.Enqueue(new RequestFailedException(404, "no such queue", "QueueNotFound", null));
        await RunAsync("Fail", "text", dequeueCount: 5);
        Assert.Equal(["send text", "create", "send text"], _poison.Calls);
        Assert.Equal(["delete receipt 0"], _queue.Calls);
    }

    [Fact]
    public async Task What_could_not_be_moved_to_the_poison_queue_is_not_deleted()
    {
        _poison.Failures.Enqueue(new RequestFailedException(403, "forbidden", "AuthorizationFailure", null));
        await RunAsync("Fail", "text", dequeueCount: 5);
        Assert.Empty(_queue.Calls);
    }

    [Fact]
    public async Task A_message_is_hidden_anew_at_half_time_as_long_as_its_function_runs_and_deleted_by_the_last_receipt()
    {
        var running = RunAsync("Wait", "text");
        await ManyRenewalsAsync(3);
        _state.Gate.SetResult();
        await running;
        Assert.Equal(["hide 600 receipt 0", "hide 600 receipt 1", "hide 600 receipt 2", "delete receipt 3"], _queue.Calls);
    }

    [Fact]
    public async Task A_renewal_that_is_refused_is_tried_again_and_the_function_goes_on()
    {
        _queue.Failures.Enqueue(new RequestFailedException(403, "forbidden", "AuthorizationFailure", null));
        var running = RunAsync("Wait", "text");
        await ManyRenewalsAsync(2);
        _state.Gate.SetResult();
        await running;
        Assert.Equal(["hide 600 receipt 0", "hide 600 receipt 0", "delete receipt 1"], _queue.Calls);
    }

    [Fact]
    public async Task Base64_of_bytes_that_are_no_text_reaches_the_function_as_those_bytes()
    {
        await RunAsync("Bytes", Convert.ToBase64String([0xff, 0x00, 0xfe]), base64: true);
        Assert.Equal("FF00FE", Assert.Single(_state.Lines));
    }

    public void Dispose() => _host.Dispose();

    private Task RunAsync(string function, string text, int dequeueCount = 1, bool base64 = false)
    {
        var rules = new QueueRules
        {
            BatchSize = 1,
            NewBatchThreshold = 0,
            MaxDequeueCount = 5,
            MaxPollingInterval = TimeSpan.FromMinutes(1),
            VisibilityTimeout = TimeSpan.FromSeconds(30),
            Base64 = base64,
        };
        var method = _host.Services.GetRequiredService<HostPlan>().Functions.Queues.Single(one => one.Method.Name == function).Method;
        var runner = _host.Services.GetRequiredService<FunctionRunner>();
        var outage = new StorageOutage(NullLoggerFactory.Instance);
        return new MessageProcessor(method, _queue, _poison, rules, runner, outage, _time, NullLogger.Instance, CancellationToken.None)
            .ProcessAsync(FakeQueue.Message(text, dequeueCount));
    }

    /// <summary>Moves the clock on, with real time in between for what it sets off, until so many renewals were asked for and answered.</summary>
    private async Task ManyRenewalsAsync(int count)
    {
        var passed = TimeSpan.Zero;
        while (_queue.Calls.Count < count)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            passed += TimeSpan.FromSeconds(30);
            Assert.True(passed < TimeSpan.FromHours(2), "the message is not hidden anew");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    public sealed class State
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Lines { get; } = [];
    }

    public sealed class Functions(State state)
    {
        [Function("Note")]
        public void Note([QueueTrigger("note")] string message) => state.Lines.Add(message);

        [Function("Bytes")]
        public void Bytes([QueueTrigger("bytes")] byte[] message) => state.Lines.Add(Convert.ToHexString(message));

        [Function("Fail")]
        public static void Fail([QueueTrigger("fail")] string message) => throw new InvalidOperationException(message);

        [Function("Wait")]
        public Task WaitAsync([QueueTrigger("wait")] string message) => message.Length > 0 ? state.Gate.Task : Task.CompletedTask;
    }
}

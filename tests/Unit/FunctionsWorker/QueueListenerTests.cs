using System.Collections.Concurrent;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Queues;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class QueueListenerTests : IDisposable
{
    private readonly FakeQueue _queue = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _working = [];

    [Fact]
    public async Task Polls_that_find_nothing_come_ever_more_seldom_up_to_the_longest_interval()
    {
        var time = new PassingTime();
        StopAtFetch(9);

        await ListenAsync(time, longest: TimeSpan.FromSeconds(3));

        double[] expected = [0.1, 0.2, 0.4, 0.8, 1.6, 3, 3, 3];
        Assert.Equal(expected.Length, time.Waits.Count);
        Assert.All(expected.Zip(time.Waits), pair => Assert.InRange(pair.Second.TotalSeconds, pair.First * 0.89, pair.First * 1.11));
    }

    [Fact]
    public async Task A_message_brings_polling_back_to_the_shortest_interval()
    {
        var time = new PassingTime();
        StopAtFetch(8, also: fetch =>
        {
            if (fetch == 5)
            {
                _queue.Add("one");
            }
        });

        await ListenAsync(time, longest: TimeSpan.FromMinutes(1), process: _ => Task.CompletedTask);

        // Four waits of 0.1 to 0.8 s, then the fetch that finds it, the next one without a wait, then from the beginning.
        Assert.Equal(6, time.Waits.Count);
        Assert.InRange(time.Waits.ElementAt(3).TotalSeconds, 0.71, 0.89);
        Assert.InRange(time.Waits.ElementAt(4).TotalSeconds, 0.08, 0.12);
    }

    [Fact]
    public async Task A_new_batch_is_fetched_when_no_more_than_the_threshold_are_at_work()
    {
        _queue.Add([.. Enumerable.Range(0, 20).Select(i => $"m{i}")]);
        var listening = ListenAsync(TimeProvider.System, longest: TimeSpan.FromMinutes(1));
        await WorkingAsync(4);
        Finish(1);
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        Assert.Single(_queue.Fetches);

        Finish(1);
        await WorkingAsync(6);
        Assert.Equal([4, 4], _queue.Fetches);

        await _stop.CancelAsync();
        Finish(6);
        await listening;
        Assert.Equal(2, _queue.Fetches.Count);
    }

    [Fact]
    public async Task A_batch_that_was_not_full_is_followed_by_the_next_at_once()
    {
        _queue.Add("one");
        var time = new PassingTime();
        StopAtFetch(2);

        await ListenAsync(time, longest: TimeSpan.FromMinutes(1), process: _ => Task.CompletedTask);

        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task When_the_host_stops_what_is_at_work_is_awaited_and_what_was_just_fetched_is_given_back()
    {
        _queue.Add("a", "b");
        _queue.OnFetch = fetch =>
        {
            if (fetch == 2)
            {
                _queue.Add("late");
                _stop.Cancel();
            }
        };
        var listening = ListenAsync(TimeProvider.System, longest: TimeSpan.FromMinutes(1));
        await WorkingAsync(2);
        await Until(() => _queue.Fetches.Count == 2);
        Assert.False(listening.IsCompleted);
        Finish(2);
        await listening;
        Assert.Equal("hide 0 receipt 0", Assert.Single(_queue.Calls));
    }

    public void Dispose() => _stop.Dispose();

    private Task ListenAsync(TimeProvider time, TimeSpan longest, Func<QueueMessage, Task>? process = null)
    {
        var rules = new QueueRules
        {
            BatchSize = 4,
            NewBatchThreshold = 2,
            MaxDequeueCount = 5,
            MaxPollingInterval = longest,
            VisibilityTimeout = TimeSpan.Zero,
            Base64 = false,
        };
        var outage = new StorageOutage(NullLoggerFactory.Instance);
        return new QueueListener(_queue, rules, process ?? WorkAsync, outage, time, NullLogger.Instance).RunAsync(_stop.Token);
    }

    private Task WorkAsync(QueueMessage message)
    {
        var work = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _working.Enqueue(work);
        return work.Task;
    }

    private Task WorkingAsync(int count) => Until(() => _working.Count == count);

    private void Finish(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(_working.TryDequeue(out var work));
            work.SetResult();
        }
    }

    private void StopAtFetch(int last, Action<int>? also = null) => _queue.OnFetch = fetch =>
    {
        also?.Invoke(fetch);
        if (fetch == last)
        {
            _stop.Cancel();
        }
    };

    private static async Task Until(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    /// <summary>A clock on which every wait is over at once; it notes them.</summary>
    private sealed class PassingTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Waits.Enqueue(dueTime);
            }

            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}

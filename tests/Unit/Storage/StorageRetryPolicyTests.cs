using System.Net;
using Azure;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Storage;

/// <summary>The policy and the time-out as they stand in the clients' pipeline, on a clock that only tests move.</summary>
public sealed class StorageRetryPolicyTests
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(200);
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_passes_is_tried_three_times_200_ms_apart(int status)
    {
        var storage = new FakeStorage(_ => FakeStorage.Error((HttpStatusCode)status, "Busy"), _time);

        var call = FindAsync(storage);
        Assert.Single(storage.Requests);
        _time.Advance(s_retryDelay - TimeSpan.FromTicks(1));
        Assert.Single(storage.Requests);
        _time.Advance(TimeSpan.FromTicks(1));
        await UntilAsync(() => storage.Requests.Count == 2);
        _time.Advance(s_retryDelay);

        Assert.Equal(status, (await Assert.ThrowsAsync<RequestFailedException>(() => call)).Status);
        Assert.Equal(3, storage.Requests.Count);
    }

    [Fact]
    public async Task The_answer_of_a_later_try_counts()
    {
        var row = Pushcart.Storage.Rows.New("live", "k");
        FakeStorage? storage = null;
        storage = new(_ => storage!.Requests.Count == 1 ? FakeStorage.Error(HttpStatusCode.ServiceUnavailable, "Busy") : FakeStorage.Row(row), _time);

        var call = FindAsync(storage);
        _time.Advance(s_retryDelay);

        Assert.Equal("k", (await call)!.RowKey);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(413)]
    public async Task What_is_refused_is_not_tried_again(int status)
    {
        var storage = new FakeStorage(_ => FakeStorage.Error((HttpStatusCode)status, "No"), _time);

        // Time stands still here: who tries again would wait for ever.
        await Assert.ThrowsAsync<RequestFailedException>(() => FindAsync(storage).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));

        Assert.Single(storage.Requests);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again()
    {
        var storage = new FakeStorage((FakeRequest _) => throw new HttpRequestException("refused"), _time);

        var call = FindAsync(storage);
        await WalkAsync(call, storage, 3);

        await Assert.ThrowsAsync<RequestFailedException>(() => call);
    }

    [Fact]
    public async Task A_try_that_hangs_ends_after_5_s_and_the_call_after_15_4()
    {
        var storage = new FakeStorage(Hang, _time);
        var start = _time.GetUtcNow();

        var call = FindAsync(storage);
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.Single(storage.Requests);
        await WalkAsync(call, storage, 3);

        var late = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Equal("storage at acc.table.core.windows.net gave no answer within 5 s", late.Message);
        Assert.InRange(_time.GetUtcNow() - start, new StorageSettings().LatestWrite, TimeSpan.FromSeconds(16));
    }

    [Fact]
    public async Task A_body_that_hangs_is_a_try_that_hangs()
    {
        var storage = new FakeStorage((FakeRequest _) => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new EndlessStream()) }, _time);

        var call = FindAsync(storage);
        await WalkAsync(call, storage, 3);

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task Who_cancels_is_answered_at_once_and_nothing_is_tried_again()
    {
        using var stop = new CancellationTokenSource();
        var storage = new FakeStorage(Hang, _time);

        var call = storage.Table.FindAsync("live", "k", stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(storage.Requests);
    }

    [Fact]
    public async Task Who_cancels_between_two_tries_is_answered_at_once()
    {
        using var stop = new CancellationTokenSource();
        var storage = new FakeStorage(_ => FakeStorage.Error(HttpStatusCode.ServiceUnavailable, "Busy"), _time);

        var call = storage.Table.FindAsync("live", "k", stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(storage.Requests);
    }

    private static Task<Azure.Data.Tables.TableEntity?> FindAsync(FakeStorage storage) => storage.Table.FindAsync("live", "k", CancellationToken.None);

    private static async Task<HttpResponseMessage> Hang(FakeRequest request, CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        return FakeStorage.Nothing();
    }

    // Time moves only while the call waits for it, so that no step of it is jumped over.
    private async Task WalkAsync(Task call, FakeStorage storage, int requests)
    {
        await UntilAsync(() =>
        {
            // On a busy machine what was woken goes on later: the clock does not run away from it.
            if (!call.IsCompleted && _time.IsWaitedFor)
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
            }

            return call.IsCompleted;
        });
        Assert.Equal(requests, storage.Requests.Count);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(30), "it never happened");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}

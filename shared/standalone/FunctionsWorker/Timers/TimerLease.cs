using Azure;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Timers;

/// <summary>
/// The right to run a timer, which one instance of several has: an owner and an expiry on the timer's row. It is renewed every third of its
/// length; another takes it over when it has expired, or when the row has not moved for its whole length by the other's own clock.
/// </summary>
internal sealed class TimerLease(
    string name, string owner, TimeSpan length, TickStore store, StorageOutage outage, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _lost = new();
    private Tick _row = new(string.Empty, default, null, null, null);

    /// <summary>Fires when the lease is another's, or must be taken to be.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>The row as this instance has last written it.</summary>
    public Tick Row => _row;

    /// <summary>Waits until the lease is this instance's. False: the host stops.</summary>
    public async Task<bool> AcquireAsync(CancellationToken stopping)
    {
        var seen = default(ETag);
        var seenAt = time.GetTimestamp();
        while (!stopping.IsCancellationRequested)
        {
            var wait = length / 3;
            try
            {
                var row = await store.ReadAsync(name, stopping).ConfigureAwait(false);
                outage.Clear(store.Address);
                if (row is not null && row.ETag != seen)
                {
                    (seen, seenAt) = (row.ETag, time.GetTimestamp());
                }

                var now = time.GetUtcNow();
                if (row is null || row.Owner.Length == 0 || row.Owner == owner || row.Expires <= now || time.GetElapsedTime(seenAt) >= length)
                {
                    var mine = (row ?? _row) with { Owner = owner, Expires = now + length };
                    var written = row is null
                        ? await store.InsertAsync(name, mine, stopping).ConfigureAwait(false)
                        : await store.UpdateAsync(name, mine, stopping).ConfigureAwait(false);
                    if (written is not null)
                    {
                        _row = written;
                        return true;
                    }

                    wait = TimeSpan.FromMilliseconds(100);
                }
                else if (row.Expires - now is var left && left < wait)
                {
                    wait = left + TimeSpan.FromMilliseconds(50);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (StorageOutage.IsAway(e))
            {
                outage.Report(store.Address);
                wait = TimeSpan.FromSeconds(1);
            }
            catch (RequestFailedException e)
            {
                logger.LogError("Timer {Function} cannot read or write its row: {Status} {Code}", name, e.Status, e.ErrorCode);
            }

            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>Renews the lease until it is lost or the token fires.</summary>
    public async Task RenewAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested && !Lost.IsCancellationRequested)
        {
            await Task.Delay(length / 3, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ended.IsCancellationRequested)
            {
                await WriteAsync(row => row with { Expires = time.GetUtcNow() + length }).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Records occurrences, and renews the lease with the same write. While storage is away the next renewal records them.</summary>
    public Task RecordAsync(string schedule, DateTimeOffset? last, DateTimeOffset? next) =>
        WriteAsync(row => row with { Schedule = schedule, Last = last, Next = next, Expires = time.GetUtcNow() + length });

    /// <summary>Gives the lease up, so that another instance need not wait for its end.</summary>
    public Task ReleaseAsync() => WriteAsync(row => row with { Owner = string.Empty, Expires = time.GetUtcNow() });

    public void Dispose()
    {
        _writing.Dispose();
        _lost.Dispose();
    }

    private async Task WriteAsync(Func<Tick, Tick> change)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            var valid = _row.Expires;
            var wanted = change(_row);
            if (Lost.IsCancellationRequested)
            {
                return;
            }

            try
            {
                if (await store.UpdateAsync(name, wanted, CancellationToken.None).ConfigureAwait(false) is { } written)
                {
                    _row = written;
                }
                else if (await store.ReadAsync(name, CancellationToken.None).ConfigureAwait(false) is { } other && other.Owner == owner)
                {
                    // Our own write, whose answer was lost: what we want stands on what it has made.
                    _row = await store.UpdateAsync(name, wanted with { ETag = other.ETag }, CancellationToken.None).ConfigureAwait(false) ?? wanted with { ETag = other.ETag };
                }
                else
                {
                    logger.LogInformation("Timer {Function} is run by another instance now", name);
                    await _lost.CancelAsync().ConfigureAwait(false);
                }

                outage.Clear(store.Address);
            }
            catch (Exception e) when (e is RequestFailedException || StorageOutage.IsAway(e))
            {
                outage.Report(store.Address);
                _row = wanted with { Expires = valid };
                if (time.GetUtcNow() >= valid)
                {
                    await _lost.CancelAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }
}

using Azure;
using Microsoft.Extensions.Logging;
using Pushcart.Storage;

namespace Pushcart.Execution;

/// <summary>Where a host of the process executor keeps its runs.</summary>
/// <param name="Machine">Name of the machine.</param>
/// <param name="ContentRoot">Content root.</param>
public sealed record HostIdentity(string Machine, string ContentRoot);

/// <summary>
/// Keeps hosts of the process executor apart: one of another machine or content root, on the same storage, would take this one's runs for vanished.
/// Several processes of one machine and content root share their runs, and are welcome. Each has a row of its own, inserted before the others are read:
/// of two that start at once, at least one sees the other.
/// </summary>
public sealed class ProcessHostClaim(Table ticks, HostIdentity identity, TimeProvider time, Chance chance, ILogger<ProcessHostClaim> log)
{
    private const string Partition = "host";
    private const string Prefix = "process|";
    private static readonly TimeSpan Renew = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Expires = TimeSpan.FromSeconds(60);

    private readonly string _key = Prefix + chance.NewId();
    private ETag _etag;

    /// <summary>Takes the claim.</summary>
    /// <returns>Why this host must not run; null where it may.</returns>
    public async Task<string?> TakeAsync(CancellationToken cancellation)
    {
        await WriteAsync(default, cancellation).ConfigureAwait(false);
        foreach (var row in await ticks.RangeAsync(Partition, Prefix, select: null, filter: null, cancellation).ConfigureAwait(false))
        {
            var holder = new HostIdentity(row.GetRequired("machine"), row.GetRequired("contentRoot"));
            if (row.GetDateTimeOffset("until") <= time.GetUtcNow())
            {
                await ticks.WriteAsync([Change.Delete(Partition, row.RowKey, row.ETag)], cancellation).ConfigureAwait(false);
            }
            else if (holder != identity)
            {
                await ReleaseAsync(cancellation).ConfigureAwait(false);
                return $"another host with the process executor runs on this storage, on machine {holder.Machine} in {holder.ContentRoot}; "
                    + "stop it (its claim ends within a minute), or give one of them another Storage:Prefix";
            }
        }

        return null;
    }

    /// <summary>Renews the claim until cancelled.</summary>
    /// <returns>Why this host must stop, where its claim ran out and another host took its place.</returns>
    public async Task<string?> HoldAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(Renew, time, cancellation).ConfigureAwait(false);
            try
            {
                if (!await WriteAsync(_etag, cancellation).ConfigureAwait(false) && await TakeAsync(cancellation).ConfigureAwait(false) is { } refused)
                {
                    return refused;
                }
            }
            catch (Exception e) when (e is RequestFailedException or TimeoutException or HttpRequestException)
            {
                log.LogDebug("the claim of this host was not renewed: {Error}", e.Message);
            }
        }
    }

    /// <summary>Gives the claim back, so that another host need not wait for its end.</summary>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        if (_etag == default)
        {
            return;
        }

        try
        {
            await ticks.WriteAsync([Change.Delete(Partition, _key, _etag)], cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RequestFailedException or TimeoutException or HttpRequestException or OperationCanceledException)
        {
            log.LogDebug("the claim of this host was not given back, and ends by itself: {Error}", e.Message);
        }
    }

    /// <summary>Inserts or renews the row; false where somebody has deleted it, because it had run out.</summary>
    private async Task<bool> WriteAsync(ETag seen, CancellationToken cancellation)
    {
        var row = Rows.New(Partition, _key);
        row["machine"] = identity.Machine;
        row["contentRoot"] = identity.ContentRoot;
        row["until"] = time.GetUtcNow() + Expires;
        var answer = await ticks.WriteAsync([seen == default ? Change.Insert(row) : Change.Replace(row, seen)], cancellation).ConfigureAwait(false);
        if (!answer.Applied && await ticks.FindAsync(Partition, _key, cancellation).ConfigureAwait(false) is { } written)
        {
            // The key is ours alone: it is our own write, whose answer was lost.
            _etag = written.ETag;
            return true;
        }

        _etag = answer.Applied ? answer.ETags[0] : default;
        return answer.Applied;
    }
}

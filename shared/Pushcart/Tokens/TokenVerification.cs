using Microsoft.Extensions.Logging;
using Pushcart.Storage;

namespace Pushcart.Tokens;

/// <summary>
/// Tells who calls by the value that was shown. A known value costs one read each 30 s on each instance, and one more read and a write each minute while it is used, for when it was used
/// last. A token that was deleted is refused at once by the instance that deleted it, and within 30 s by others.
/// </summary>
public sealed class TokenVerification(Table table, WorkerTokens workers, TokenCache cache, TimeProvider time, ILogger<TokenVerification> log)
{
    /// <summary>How exact the time of the last use is.</summary>
    public static TimeSpan LastUsedEach { get; } = TimeSpan.FromMinutes(1);

    /// <summary>How exact it is of a token of workers only, which call all the time: the list of workers tells it better.</summary>
    public static TimeSpan LastUsedByWorkersEach { get; } = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _noted = [];

    /// <summary>Who calls; null where the value is unknown, revoked or expired.</summary>
    public async Task<Caller?> VerifyAsync(string value, CancellationToken cancellation)
    {
        if (!TokenValue.HasForm(value))
        {
            return null;
        }

        var hash = TokenValue.HashOf(value);
        if (!cache.TryGet(hash, out var grant))
        {
            var (asked, changes) = (time.GetTimestamp(), cache.Changes);
            grant = value.StartsWith(TokenValue.Service, StringComparison.Ordinal)
                ? await table.FindAsync(TokenRow.Partition, TokenRow.KeyOfHash(hash), cancellation).ConfigureAwait(false) is { } row ? TokenRow.ReadGrant(row) : null
                : await workers.GrantAsync(hash, cancellation).ConfigureAwait(false);
            cache.Put(hash, grant, asked, changes);
        }

        if (grant is null || grant.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }

        if (grant.Caller.Bound is null)
        {
            await NoteUseAsync(grant.Caller.TokenId, grant.Caller.Scopes == Scope.Worker ? LastUsedByWorkersEach : LastUsedEach, cancellation).ConfigureAwait(false);
        }

        return grant.Caller;
    }

    private async Task NoteUseAsync(string id, TimeSpan each, CancellationToken cancellation)
    {
        if (!TakesNote(id, each))
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            if (await table.FindAsync(TokenRow.Partition, TokenRow.KeyOf(id), cancellation).ConfigureAwait(false) is not { } row
                || Rows.IsNewer(row)
                || row.GetDateTimeOffset("lastUsedAt") > now - each)
            {
                return;
            }

            // A conflict needs no second try: another instance has just noted it, or the token changes and is noted in a minute.
            var note = Rows.New(row.PartitionKey, row.RowKey);
            note["lastUsedAt"] = now;
            await table.WriteAsync([Change.Merge(note, row.ETag)], cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFailure.IsAway(e, cancellation))
        {
            log.LogWarning("the last use of token {Token} is not noted, storage does not answer: {Error}", id, e.Message);
        }
    }

    private bool TakesNote(string id, TimeSpan each)
    {
        lock (_gate)
        {
            if (_noted.TryGetValue(id, out var before) && time.GetElapsedTime(before) < each)
            {
                return false;
            }

            if (_noted.Count >= TokenCache.Most)
            {
                _noted.Clear();
            }

            _noted[id] = time.GetTimestamp();
            return true;
        }
    }
}

namespace Pushcart.Webhooks;

/// <summary>
/// One limit for many callers: a bucket of calls for each. In memory only, and bounded: buckets that are full again are forgotten, and where too many are not, newcomers share one. (The
/// framework's TokenBucketRateLimiter takes no <see cref="TimeProvider"/>, and counts in whole periods.)
/// </summary>
/// <param name="limit">The limit; null: none.</param>
/// <param name="time">Time.</param>
internal sealed class TokenBuckets(RateLimit? limit, TimeProvider time)
{
    /// <summary>Buckets that are kept at most.</summary>
    public const int Most = 10_000;

    private const string Shared = "";
    private static readonly TimeSpan s_sweepAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // For each caller, how far ahead of now its calls reach: a call costs Each, and what lies in the past is forgotten.
    private readonly Dictionary<string, TimeSpan> _until = [];
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _nextSweep;

    /// <summary>Buckets that are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _until.Count;
            }
        }
    }

    /// <summary>Takes a call of a caller.</summary>
    /// <returns>Null where it may call; otherwise how long until it may.</returns>
    public TimeSpan? Take(string caller)
    {
        if (limit is null)
        {
            return null;
        }

        lock (_gate)
        {
            var now = time.GetElapsedTime(_start);
            var key = KeyOf(caller, now);
            var until = _until.TryGetValue(key, out var known) && known > now ? known : now;
            var wait = until + limit.Each - now - TimeSpan.FromSeconds(limit.Seconds);

            // A tick is lost where the seconds are no multiple of the burst.
            if (wait > TimeSpan.FromTicks(limit.Burst))
            {
                return wait;
            }

            _until[key] = until + limit.Each;
            return null;
        }
    }

    /// <summary>Gives a call back that was taken, and not made.</summary>
    public void GiveBack(string caller)
    {
        if (limit is null)
        {
            return;
        }

        lock (_gate)
        {
            var key = _until.ContainsKey(caller) ? caller : Shared;
            if (_until.TryGetValue(key, out var until))
            {
                _until[key] = until - limit.Each;
            }
        }
    }

    private string KeyOf(string caller, TimeSpan now)
    {
        if (_until.ContainsKey(caller) || _until.Count < Most)
        {
            return caller;
        }

        if (now >= _nextSweep)
        {
            _nextSweep = now + s_sweepAgain;
            foreach (var (full, _) in _until.Where(b => b.Value <= now).ToList())
            {
                _until.Remove(full);
            }
        }

        return _until.Count < Most ? caller : Shared;
    }
}

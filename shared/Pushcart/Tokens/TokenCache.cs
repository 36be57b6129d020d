namespace Pushcart.Tokens;

/// <summary>
/// What this instance knows of values, for 30 s at most, also that there is no such value. Bounded, and known and unknown values apart: who tries many values pushes out no good one.
/// </summary>
public sealed class TokenCache(TimeProvider time)
{
    /// <summary>How long an answer of storage is believed.</summary>
    public static TimeSpan Keep { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Known values that are kept at most, and as many unknown ones.</summary>
    public const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _known = [];
    private readonly Dictionary<string, Entry> _unknown = [];
    private long _changes;

    /// <summary>How many values are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _known.Count + _unknown.Count;
            }
        }
    }

    /// <summary>Counts what was changed by this instance: what was read before a change is not kept after it.</summary>
    internal long Changes
    {
        get
        {
            lock (_gate)
            {
                return _changes;
            }
        }
    }

    /// <summary>Forgets values, because they or their rights have changed.</summary>
    internal void Forget(params IEnumerable<string?> hashes)
    {
        lock (_gate)
        {
            _changes++;
            foreach (var hash in hashes.OfType<string>())
            {
                _known.Remove(hash);
                _unknown.Remove(hash);
            }
        }
    }

    /// <summary>What is known of a value; false where storage is to be asked.</summary>
    internal bool TryGet(string hash, out Grant? grant)
    {
        lock (_gate)
        {
            var found = _known.TryGetValue(hash, out var entry) || _unknown.TryGetValue(hash, out entry);
            grant = entry.Grant;
            return found && time.GetElapsedTime(entry.AskedAt) < Keep;
        }
    }

    /// <summary>Keeps an answer of storage.</summary>
    /// <param name="hash">Of the value.</param>
    /// <param name="grant">The answer; null: there is no such value.</param>
    /// <param name="asked">When storage was asked.</param>
    /// <param name="changes"><see cref="Changes"/> when it was asked.</param>
    internal void Put(string hash, Grant? grant, long asked, long changes)
    {
        lock (_gate)
        {
            if (changes != _changes)
            {
                return;
            }

            var (kept, other) = grant is null ? (_unknown, _known) : (_known, _unknown);
            other.Remove(hash);
            if (kept.Count >= Most && !kept.ContainsKey(hash))
            {
                Sweep(kept);
            }

            kept[hash] = new(grant, asked);
        }
    }

    // Where nothing is too old, all of it goes: each is one read of storage away.
    private void Sweep(Dictionary<string, Entry> entries)
    {
        foreach (var old in entries.Where(e => time.GetElapsedTime(e.Value.AskedAt) >= Keep).Select(e => e.Key).ToList())
        {
            entries.Remove(old);
        }

        if (entries.Count >= Most)
        {
            entries.Clear();
        }
    }

    private readonly record struct Entry(Grant? Grant, long AskedAt);
}

namespace Pushcart.Workers.Working.Link;

/// <summary>Waits that double from one to the next, up to a longest, less up to half by chance: workers that lost the same server do not return at one moment.</summary>
/// <param name="first">The first wait.</param>
/// <param name="most">The longest.</param>
/// <param name="chance">Draws the jitter.</param>
public sealed class BackOff(TimeSpan first, TimeSpan most, Chance chance)
{
    private const int MostDoublings = 20;
    private int _times;

    /// <summary>The next wait.</summary>
    /// <param name="least">What was asked for by who answered; null: nothing.</param>
    public TimeSpan Next(TimeSpan? least = null)
    {
        var whole = first * Math.Pow(2, Math.Min(_times++, MostDoublings));
        whole = whole < most ? whole : most;
        var jitter = whole * (chance.Next() / (double)ulong.MaxValue) / 2;
        return least is { } asked && asked > whole - jitter ? asked : whole - jitter;
    }

    /// <summary>Begins anew: it was answered.</summary>
    public void Reset() => _times = 0;
}

namespace Pushcart.Tests.Real.Crash;

/// <summary>What the delay of a kill is counted from.</summary>
public enum KillAfter
{
    /// <summary>The start of the process: it may be anywhere, also in the middle of its own start.</summary>
    ProcessStart,

    /// <summary>The push, with the host up: around the check.</summary>
    Push,

    /// <summary>The line that tells of the job: around claim and create.</summary>
    Submitted,

    /// <summary>The first thing that the work does: its child is at work.</summary>
    WorkStarted,
}

/// <summary>One life of the host: a push, and its death.</summary>
/// <param name="After">What the delay is counted from.</param>
/// <param name="Delay">How long after it the host is killed.</param>
/// <param name="PushFirst">With <see cref="KillAfter.ProcessStart"/>: push before the host is started, not while it starts.</param>
/// <param name="WorkSeconds">How long the commit's work takes.</param>
public sealed record CrashRound(KillAfter After, TimeSpan Delay, bool PushFirst, double WorkSeconds);

/// <summary>The moments of all kills, drawn from one seed.</summary>
public static class CrashPlan
{
    /// <summary>Makes the plan: each kind of moment equally often, in an order of the seed.</summary>
    public static IReadOnlyList<CrashRound> Of(int seed, int rounds)
    {
        var random = new Random(seed);
        var kinds = Enum.GetValues<KillAfter>();
        var order = Enumerable.Range(0, rounds).Select(i => kinds[i % kinds.Length]).ToArray();
        random.Shuffle(order);
        return [.. order.Select(kind => new CrashRound(
            kind,
            TimeSpan.FromMilliseconds(kind switch
            {
                KillAfter.Submitted => random.Next(0, 200),
                KillAfter.WorkStarted => random.Next(0, 500),
                _ => random.Next(0, 2500),
            }),
            random.Next(2) == 0,
            kind == KillAfter.WorkStarted ? 1.5 : 0.5 + random.NextDouble()))];
    }
}

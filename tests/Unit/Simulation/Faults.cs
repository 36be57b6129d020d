namespace Pushcart.Tests.Unit.Simulation;

/// <summary>What becomes of one call.</summary>
internal enum Fate
{
    Answered,
    FailsUnapplied,
    FailsApplied,
    HangsUnapplied,
    HangsApplied,
    AnsweredLate,
    ProcessDiesUnapplied,
    ProcessDiesApplied,
}

/// <summary>How often what goes wrong. Each kind is drawn for itself, so that seeds differ in what they are rich in.</summary>
internal sealed record Faults
{
    public double Fail { get; init; }

    public double Hang { get; init; }

    public double Late { get; init; }

    public double Die { get; init; }

    public double Doubled { get; init; }

    public double Overlap { get; init; }

    public double Lag { get; init; }

    /// <summary>How often a process stands still for a while: it is paged out, or collects garbage.</summary>
    public double Stall { get; init; }

    public double World { get; init; }

    public double Rough { get; init; }

    public static Faults None { get; } = new();

    public static Faults Draw(Dice dice)
    {
        if (dice.Chance(0.05))
        {
            return None;
        }

        double Some(double much) => dice.From(0, 2) switch { 0 => 0, 1 => much / 4, _ => much };
        return new()
        {
            Fail = Some(0.06),
            Hang = Some(0.03),
            Late = Some(0.06),
            Die = Some(0.006),
            Doubled = Some(0.15),
            Overlap = Some(0.2),
            Lag = Some(0.3),
            Stall = Some(0.01),
            World = Some(1),
            Rough = Some(0.4),
        };
    }

    public Fate Of(Dice dice)
    {
        var at = dice.Fraction();
        if ((at -= Fail) < 0)
        {
            return dice.Chance(0.5) ? Fate.FailsUnapplied : Fate.FailsApplied;
        }

        if ((at -= Hang) < 0)
        {
            return dice.Chance(0.5) ? Fate.HangsUnapplied : Fate.HangsApplied;
        }

        if ((at -= Late) < 0)
        {
            return Fate.AnsweredLate;
        }

        return at - Die < 0 ? dice.Chance(0.3) ? Fate.ProcessDiesUnapplied : Fate.ProcessDiesApplied : Fate.Answered;
    }
}

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Numbers that a seed determines, the same on every machine and runtime (splitmix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int From(int least, int most) => least + (int)(Fraction() * (most - least + 1));

    public bool Chance(double probability) => Fraction() < probability;

    public T Of<T>(IReadOnlyList<T> some) => some[From(0, some.Count - 1)];

    public TimeSpan Seconds(double least, double most) => TimeSpan.FromTicks((long)((least + (Fraction() * (most - least))) * TimeSpan.TicksPerSecond));

    public Dice Fork() => new(Next());
}

/// <summary>The product's ids and jitter, from the seed.</summary>
internal sealed class SeededChance(Dice dice) : Chance
{
    public override void Fill(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)dice.Next();
        }
    }
}

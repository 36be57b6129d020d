namespace Pushcart.Tests.Unit.Jobs;

/// <summary>A chance that can be repeated.</summary>
internal sealed class SeededChance(int seed) : Chance
{
    private readonly Random _random = new(seed);

    public override void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}

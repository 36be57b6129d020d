using Pushcart.Tests.Support;

namespace Pushcart.Tests.Bench;

/// <summary>From the start of the standalone process to its first answer, storage being up.</summary>
internal static class StartBench
{
    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        var taken = new List<TimeSpan>();
        for (var i = 0; i < 5; i++)
        {
            await using var place = new HostPlace(azurite.ConnectionString);
            taken.Add(await Measure.TimeAsync(() => place.StartLiveAsync()));
        }

        taken.Sort();
        return [new("start to first answer, median of 5", taken[2].TotalSeconds, 1, "s")];
    }
}

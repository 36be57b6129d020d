using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Bench;

/// <summary>A tick of Poll over 10,000 schedule triggers of which 100 are due.</summary>
internal static class TickBench
{
    private const int Triggers = 10_000;
    private const int Due = 100;

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await InsertAsync(here);
        var noon = new DateTimeOffset(here.Time.GetUtcNow().UtcDateTime.Date.AddDays(2).AddHours(12), TimeSpan.Zero);
        here.Time.Advance(noon.AddSeconds(-90) - here.Time.GetUtcNow());
        var table = here.Process.Get<StorageClients>().Table(TableNames.Resources);

        // The floor: all rows, read and thrown away.
        var floor = await Measure.TimeAsync(async () =>
        {
            await foreach (var row in table.QueryAsync($"PartitionKey eq '{ResourceStore.Partition}'", select: null, CancellationToken.None))
            {
                _ = row.RowKey;
            }
        });

        // The first tick ever finds all of them new. The first one of a process reads all; the next one finds those of noon.
        await here.PollAsync();
        await here.TakeAsync(QueueNames.Checks);
        var process = here.NewProcess();
        here.Time.Advance(TimeSpan.FromSeconds(60));
        var first = await Measure.TimeAsync(() => here.PollAsync(process));
        await here.TakeAsync(QueueNames.Checks);
        here.Time.Advance(TimeSpan.FromSeconds(60));
        var next = await Measure.TimeAsync(() => here.PollAsync(process));
        var sent = (await here.TakeAsync(QueueNames.Checks)).Sum(text => CheckMessage.Read(text).Checks!.Count);

        // An interval of a year comes round in this minute for one or two of them.
        if (sent is < Due or > Due + 5)
        {
            throw new InvalidOperationException($"{sent} checks were sent, not {Due}: the bench does not measure what it says");
        }

        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return
        [
            new($"a tick over {Triggers} triggers of which {Due} are due", next.TotalSeconds, 2, "s"),
            new("the first tick of a process, which reads and parses them all", first.TotalSeconds, 10, "s"),
            new("the same, as a ratio to reading the rows and no more", first / floor, 6, "times"),
            new("memory of the process at its peak, the bench's own included", self.PeakWorkingSet64 / 1e6, 300, "MB"),
        ];
    }

    private static async Task InsertAsync(InstallationOnAzurite here)
    {
        var created = here.Time.GetUtcNow().AddDays(-1);
        string[] manifests =
        [
            Source("app", "http://127.0.0.1:1/app.git"),
            Action("build"),
            .. Enumerable.Range(0, Triggers).Select(i => Trigger($"t{i:D5}", "app", "build", schedule: i < Due ? "cron: '0 12 * * *'" : i % 2 == 0 ? "cron: '30 3 * * MON-FRI'" : "interval: 366day")),
        ];
        foreach (var some in manifests.Chunk(ResourceStore.MostChanges))
        {
            var rows = here.Read(some).Select(m => Change.Insert(ResourceRow.Write(new(m.Name, Chance.System.NewId(), 1, created, m.Json, m.Spec, null))));
            var answer = await here.Table(TableNames.Resources).WriteAsync([.. rows], CancellationToken.None);
            if (!answer.Applied)
            {
                throw new InvalidOperationException("the triggers could not be inserted");
            }
        }
    }
}

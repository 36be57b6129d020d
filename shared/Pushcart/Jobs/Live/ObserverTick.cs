using Azure;
using Azure.Data.Tables;
using Pushcart.Storage;

namespace Pushcart.Jobs.Live;

/// <summary>The recorded tick of Observe: since when it is up, and when it last had whole lists.</summary>
public sealed record ObserverTick
{
    /// <summary>When the last recorded pass began.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary>Since when it ticks without a gap and with whole lists, or nothing to list; null while it does not.</summary>
    public DateTimeOffset? UpSince { get; init; }

    /// <summary>Since when it ticks without a gap, whatever became of its lists: that is all a registered worker's job needs.</summary>
    public DateTimeOffset? TickingSince { get; init; }

    /// <summary>When the lists of the last recorded pass were made; null where they were not whole.</summary>
    public DateTimeOffset? Listed { get; init; }

    /// <summary>When it last looked for runs without a row.</summary>
    public DateTimeOffset? Orphans { get; init; }

    private ETag ETag { get; init; }

    /// <summary>Reads what is recorded; nothing at the very first.</summary>
    public static async Task<ObserverTick> ReadAsync(Table ticks, CancellationToken cancellation)
    {
        var row = await ticks.FindAsync(TimerTicks.Partition, TimerTicks.Observe, cancellation).ConfigureAwait(false);
        return row is null ? new() : new()
        {
            Last = Time(row, "last"),
            UpSince = Time(row, "upSince"),
            TickingSince = Time(row, "tickingSince"),
            Listed = Time(row, "listed"),
            Orphans = Time(row, "orphans"),
            ETag = row.ETag,
        };
    }

    /// <summary>This tick, once it is known whether its lists are whole.</summary>
    public ObserverTick Next(DateTimeOffset now, bool whole, JobSettings settings)
    {
        var gap = Last is null || now - Last > settings.LongestGap || now < Last - settings.LongestGap;
        return this with
        {
            Last = now,
            UpSince = !whole ? null : gap ? now : UpSince ?? now,
            TickingSince = gap ? now : TickingSince ?? now,
            Listed = whole ? now : null,
        };
    }

    /// <summary>True where leases of the built-in worker may be judged.</summary>
    public bool IsUp(JobSettings settings) => Last - UpSince >= settings.UpAfter;

    /// <summary>True where leases and takeover times of registered workers may be judged.</summary>
    public bool IsTicking(JobSettings settings) => Last - TickingSince >= settings.UpAfter;

    /// <summary>True where the recorded pass, a moment before <paramref name="now"/>, had whole lists and the job was running then.</summary>
    public bool SawRunning(Job job, DateTimeOffset now, JobSettings settings) =>
        Listed is { } listed && now - listed <= settings.LongestGap && job.SeenAt <= listed;

    /// <summary>Records this tick. Another pass that recorded its own meanwhile is as good: false.</summary>
    public async Task<bool> RecordAsync(Table ticks, CancellationToken cancellation)
    {
        var row = Rows.New(TimerTicks.Partition, TimerTicks.Observe);
        Set(row, "last", Last);
        Set(row, "upSince", UpSince);
        Set(row, "tickingSince", TickingSince);
        Set(row, "listed", Listed);
        Set(row, "orphans", Orphans);
        var answer = await ticks.WriteAsync([ETag == default ? Change.Insert(row) : Change.Replace(row, ETag)], cancellation).ConfigureAwait(false);
        return answer.Applied;
    }

    private static DateTimeOffset? Time(TableEntity row, string name) => row.TryGetValue(name, out var value) && value is DateTimeOffset time ? time : null;

    private static void Set(TableEntity row, string name, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            row[name] = time;
        }
    }
}

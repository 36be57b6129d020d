using Microsoft.Extensions.Logging;
using Pushcart.Resources;
using Pushcart.Resources.Schedules;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;

namespace Pushcart.Triggers;

/// <summary>
/// Sends the checks that are due. The recorded tick is the time up to which everything due was sent: it moves only after the messages are sent,
/// so if anything fails, the next tick covers both. Two ticks at once do no harm: a message carries its due instant, which fires once.
/// </summary>
public sealed class Polling(ResourceStore resources, CheckQueue queue, Table ticks, PollSettings settings, TimeProvider time, ILogger<Polling> log)
{
    // Late writes and clocks apart: a trigger that was applied up to so long before the recorded tick may have been missed by it.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>The tick on record: everything due up to then was sent. Null before the first.</summary>
    public async Task<DateTimeOffset?> RecordedAsync(CancellationToken cancellation) =>
        (await ticks.FindAsync(TimerTicks.Partition, TimerTicks.Poll, cancellation).ConfigureAwait(false))?.GetDateTimeOffset("time");

    /// <summary>Makes one tick.</summary>
    public async Task TickAsync(CancellationToken cancellation)
    {
        var row = await ticks.FindAsync(TimerTicks.Partition, TimerTicks.Poll, cancellation).ConfigureAwait(false);
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var recorded = row?.GetDateTimeOffset("time");
        if (recorded > now + CheckSettings.ClockTolerance)
        {
            log.LogWarning("the recorded tick {Recorded:O} lies in the future; it counts as a period ago", recorded);
            recorded = now - Period;
        }

        var waiting = await queue.LengthAsync(cancellation).ConfigureAwait(false);
        var next = Rows.New(TimerTicks.Partition, TimerTicks.Poll);
        if (waiting > CheckSettings.QueueFull)
        {
            // The recorded time stays; that the timer runs is told all the same (TimerTicks).
            log.LogWarning("{Waiting} messages wait in the queue of checks; this tick sends nothing, the next one covers it", waiting);
            next.SetKnown(("time", recorded), (TimerTicks.Ran, now));
        }
        else
        {
            await queue.SendAsync(catalog, Due(catalog, recorded, now, settings.Resync), TimeSpan.Zero, cancellation).ConfigureAwait(false);
            next["time"] = now;
        }

        var answer = await ticks.WriteAsync([row is null ? Change.Insert(next) : Change.Replace(next, row.ETag)], cancellation).ConfigureAwait(false);
        if (!answer.Applied)
        {
            log.LogDebug("another tick was recorded meanwhile");
        }
    }

    /// <summary>
    /// The checks of all sources that are due in (recorded, now]: of schedule triggers, and, once in <paramref name="resync"/>, of webhook triggers that fire on a change. Whether such a
    /// source is looked at by itself at all its row tells, which the check reads anyway.
    /// </summary>
    internal static IEnumerable<DueCheck> Due(Catalog catalog, DateTimeOffset? recorded, DateTimeOffset now, TimeSpan resync)
    {
        foreach (var trigger in catalog.Triggers)
        {
            var instant = trigger.Spec switch
            {
                ScheduleTriggerSpec { Suspend: false } => DueOf(trigger, catalog.ScheduleOf(trigger), recorded, now),
                WebhookTriggerSpec { Suspend: false, Sources.OnChangeOnly: true } when resync > TimeSpan.Zero =>
                    Schedule.Interval(resync, trigger.Name.ToString()).LastIn(recorded > trigger.ScheduledSince ? recorded.Value : trigger.ScheduledSince, now),
                _ => null,
            };
            if (instant is { } due)
            {
                foreach (var source in ((TriggerSpec)trigger.Spec!).Sources.Names)
                {
                    yield return new(trigger.Uid, source, due);
                }
            }
        }
    }

    private static DateTimeOffset? DueOf(Resource trigger, Schedule schedule, DateTimeOffset? recorded, DateTimeOffset now)
    {
        var since = trigger.ScheduledSince;
        var from = recorded is { } tick && tick > since ? tick : since;
        if (schedule.LastIn(from, now) is { } due)
        {
            return due;
        }

        return since <= now && (recorded is null || since > recorded - Late) ? since : null;
    }
}

using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Triggers.Checks;

namespace Pushcart.Triggers.Owed;

/// <summary>Sends the messages of owed checks again: after 1 min, then twice as long each time, up to 30 min.</summary>
public sealed class OwedChecks(LiveSources live, CheckQueue queue, JobSettings settings, ILogger<OwedChecks> log) : IOwedChecks
{
    /// <inheritdoc/>
    public async Task SendDueAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var due = new List<OwedTask>();
        foreach (var task in await live.TasksAsync(action: null, source: null, cancellation).ConfigureAwait(false))
        {
            if (task.SendAt > now)
            {
                continue;
            }

            var wait = TimeSpan.FromTicks((long)Math.Min(settings.SendAgainMost.Ticks, settings.SendAgain.Ticks * Math.Pow(2, Math.Min(task.Tries, 30))));
            var later = task with { SendAt = now + wait, Tries = task.Tries + 1 };
            if ((await live.WriteAsync([later.Write()], cancellation).ConfigureAwait(false)).Applied)
            {
                due.Add(later);
            }
        }

        if (due.Count > 0)
        {
            log.LogDebug("{Count} owed checks are sent again", due.Count);

            // Those of one source stand together: one check answers them all.
            var sorted = due.OrderBy(t => t.TriggerUid, StringComparer.Ordinal).ThenBy(t => t.Source, StringComparer.Ordinal);
            await queue.SendTasksAsync(0, sorted.Select(t => t.Key), cancellation).ConfigureAwait(false);
        }
    }
}

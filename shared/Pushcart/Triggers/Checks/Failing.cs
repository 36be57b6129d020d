using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;

namespace Pushcart.Triggers.Checks;

/// <summary>Writes checks that have no answer: they are owed from now on, those of one source in one transaction, as one failure.</summary>
internal sealed class Failing(LiveSources live, CheckSettings settings, JobSettings jobSettings, TimeProvider time, ILogger log)
{
    /// <summary>So many failures in a row make a source unhealthy.</summary>
    internal const int Unhealthy = 3;

    /// <summary>Counts the failure, and owes the checks that the message asked for.</summary>
    /// <returns>False where the rows have changed since they were read.</returns>
    public async Task<bool> FailAsync(ReadItem read, Decision.Fail fail, CancellationToken cancellation)
    {
        var (item, state, _, _) = read;
        var now = time.GetUtcNow();
        var failures = fail.BackOff ? state.Failures + 1 : state.Failures;
        var wait = fail.BackOff ? BackOff(item, failures) : jobSettings.SendAgain;
        var next = state with { Error = fail.Error, Failures = failures, NextAttempt = fail.BackOff ? now + wait : null, Denied = fail.Denied };
        if (!await OweAsync(read, next, now + wait, cancellation).ConfigureAwait(false))
        {
            return false;
        }

        if (state.Error is null || failures == Unhealthy)
        {
            log.LogWarning(
                "{Source} cannot be checked for {Trigger}{Times}; next try in {Wait:0} s: {Error}",
                item.SourceName, item.Trigger.Name, failures == Unhealthy ? $", {failures} times in a row" : "", wait.TotalSeconds, fail.Error);
        }

        if (failures == Unhealthy && state.Failures < Unhealthy)
        {
            Measures.BecameUnhealthy();
        }

        return true;
    }

    /// <summary>Owes the checks that the message asked for until the source's next attempt.</summary>
    /// <returns>False where the rows have changed since they were read.</returns>
    public async Task<bool> PostponeAsync(ReadItem read, CancellationToken cancellation)
    {
        var next = read.State.NextAttempt!.Value;
        if (read.DueBy(time.GetUtcNow()) is { } due && !(due <= read.Task?.Due))
        {
            return await OweAsync(read, read.State, next, cancellation).ConfigureAwait(false);
        }

        return (await live.WriteAsync([.. read.Events.Select(e => (e with { SendAt = next }).Write())], cancellation).ConfigureAwait(false)).Applied;
    }

    // Task and mark of the schedule's check are one transaction, also where only the due instant moves on.
    private async Task<bool> OweAsync(ReadItem read, SourceState state, DateTimeOffset sendAt, CancellationToken cancellation)
    {
        var (item, _, task, events) = read;
        var now = time.GetUtcNow();
        var changes = new List<Change>();
        if (read.DueBy(now) is { } due)
        {
            if (IsOver(task, now))
            {
                state = state with { Owed = false, Error = $"given up after {settings.Owed.TotalDays:0.#} days: {state.Error}" };
                changes.Add(task!.Delete());
            }
            else
            {
                state = state with { Owed = true };
                var owed = task ?? new()
                {
                    Key = state.TaskKey,
                    TriggerUid = item.Trigger.Uid,
                    Source = item.SourceName.Name,
                    Action = Applying.ActionOf(Catalog.ActionName(item.Spec.Action, item.Trigger.Name.Namespace!)),
                    CreatedAt = now,
                };
                changes.Add((owed with { Due = due, SendAt = sendAt }).Write());
            }
        }

        foreach (var owed in events)
        {
            changes.AddRange(IsOver(owed, now)
                ? [owed.Delete(), Delivery.Outcome(owed, Delivery.GivenUp, state.Error, now)]
                : [(owed with { SendAt = sendAt }).Write()]);
        }

        var applied = (await live.WriteAsync([state.Write(), .. changes], cancellation).ConfigureAwait(false)).Applied;
        if (applied && read.State.Owed && !state.Owed)
        {
            log.LogWarning("{Source}: the check for {Trigger} is given up: {Error}", item.SourceName, item.Trigger.Name, state.Error);
        }

        return applied;
    }

    private bool IsOver(OwedTask? task, DateTimeOffset now) => task is not null && task.CreatedAt + settings.Owed < now;

    // A fifth of jitter, downwards, for the longest wait is a promise. It is drawn from the source's name: triggers of one source are asked for together again.
    private TimeSpan BackOff(CheckItem item, int failures)
    {
        var ticks = Math.Min(settings.BackOffMost.Ticks, settings.BackOff.Ticks * Math.Pow(2, Math.Min(failures - 1, 30)));
        var jitter = item.SourceName.ToString().Aggregate(failures, (hash, c) => unchecked((hash * 31) + c)) & 0xff;
        return TimeSpan.FromTicks((long)(ticks * (1 - (0.2 * jitter / 255))));
    }
}

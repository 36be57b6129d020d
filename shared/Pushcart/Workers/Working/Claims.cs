using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;
using Pushcart.Workers.Working.Runs;

namespace Pushcart.Workers.Working;

/// <summary>
/// Asks for jobs, as many as the worker may have at once; first of all for those that a process before this one has started. A claim's key stays the same until it is answered, so that a job
/// whose answer was lost comes back.
/// </summary>
public sealed class Claims(
    WorkerSettings settings,
    string instance,
    string executor,
    ITokens tokens,
    ServerLink link,
    HeldJobs held,
    OrphanRuns orphans,
    Standing standing,
    Wake added,
    WorkerMetrics metrics,
    TimeProvider time,
    Chance chance,
    ILogger<Claims> log)
{
    // Check-ins from one time to the next that one of several pods of a name asks for the jobs of those that have gone silent; who misses three is offline.
    private const int ReturnEvery = 5;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly BackOff _backOff = new(TimeSpan.FromSeconds(1), settings.LinkBackOff, chance);
    private TimeSpan _pace = settings.BusyPace;
    private string? _key;
    private string? _returnKey;
    private DateTimeOffset? _returned;
    private string? _told;

    /// <summary>Asks once, where it may.</summary>
    /// <returns>How long to wait before the next time.</returns>
    public async Task<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        if (!standing.IsMember || standing.Ending)
        {
            return s_look;
        }

        if (_returned is null || (settings.IsReplica && time.GetUtcNow() - _returned > settings.CheckInInterval * ReturnEvery))
        {
            return await ReturnAsync(cancellation).ConfigureAwait(false);
        }

        return standing.Drain || held.Count >= settings.MaxParallelJobs ? s_look : await ClaimAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<TimeSpan> ReturnAsync(CancellationToken cancellation)
    {
        _returnKey ??= ClaimKeys.New(standing.Process, chance);
        var sent = time.GetUtcNow();
        var answer = await link.ReturnAsync(tokens, new(settings.Name, instance, settings.Cluster, _returnKey, Namespaces: _returned is null), cancellation).ConfigureAwait(false);
        if (answer.Value is not { } value)
        {
            return Unanswered(answer.Refusal, answer.Why, answer.RetryAfter);
        }

        (_returned, _returnKey) = (sent, null);
        Answered();
        orphans.Told(value.Namespaces ?? []);
        foreach (var claim in value.Jobs)
        {
            // Whoever started it may have sent a create just now.
            var job = new HeldJob(claim, sent, Waits()) { AnewAt = time.GetUtcNow() + settings.StartAnew };
            job.Phase = claim.Job.State == JobState.Running ? HoldPhase.Started : HoldPhase.Claimed;
            orphans.Add(job.Key.Namespace);
            if (held.Add(job))
            {
                log.LogInformation("job {Id}: this worker's own; its run {Run} is looked for, attempt {Attempt}", job.Id, job.Key.Name, claim.Attempt);
            }
        }

        added.Now();
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> ClaimAsync(CancellationToken cancellation)
    {
        _key ??= ClaimKeys.New(standing.Process, chance);
        var (sent, began) = (time.GetUtcNow(), time.GetTimestamp());
        var request = new ClaimRequest(settings.Name, instance, settings.Cluster, executor, _key, settings.MaxParallelJobs, settings.Labels, Return: null, settings.LongPoll);
        var answer = await link.ClaimAsync(tokens, request, cancellation).ConfigureAwait(false);
        if (answer.Value is { } claim)
        {
            Answered();
            (_key, _pace) = (null, settings.BusyPace);
            metrics.Claimed();
            orphans.Add(claim.Job.Namespace);
            held.Add(new(claim, sent, Waits()));
            added.Now();
            return TimeSpan.Zero;
        }

        if (!answer.IsNothing)
        {
            return Unanswered(answer.Refusal, answer.Why, answer.RetryAfter);
        }

        Answered();
        _key = null;
        var took = time.GetElapsedTime(began);
        if (took >= settings.LongPoll / 2)
        {
            // The server has held the question: its time is the pace.
            return Longer(settings.LongPoll - took, answer.RetryAfter);
        }

        var wait = Longer(_pace - took, answer.RetryAfter);
        _pace = _pace * 2 < settings.QuietPace ? _pace * 2 : settings.QuietPace;
        return wait;
    }

    private TimeSpan Unanswered(LinkRefusal? refusal, string why, TimeSpan? retryAfter)
    {
        if (_told != why)
        {
            _told = why;
            log.LogWarning("no job was asked for with success: {Why}", why);
        }

        // A refusal stands until something changes; a failure of the link may pass.
        return refusal is null ? _backOff.Next(retryAfter) : Longer(settings.QuietPace, retryAfter);
    }

    private void Answered()
    {
        _backOff.Reset();
        _told = null;
    }

    private BackOff Waits() => new(TimeSpan.FromSeconds(1), settings.LinkBackOff, chance);

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one > TimeSpan.Zero ? one : TimeSpan.Zero;
}

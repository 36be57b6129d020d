using Pushcart.Execution;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Resources;

namespace Pushcart.Jobs;

/// <summary>
/// The table of states (docs/architecture.md, "States"): every write of a job's state goes through a line of it, in one transaction on the row's ETag.
/// Line 27 is that of reports. Lines 1 and 2, the inserts, are <see cref="Submission"/>, line 26, the delete, is <see cref="Archiving"/>; line 4 writes nothing.
/// An event of another attempt or run finds no line: <see cref="JobEvent.Concerns"/>.
/// </summary>
public sealed class Transitions
{
    private const JobState Queued = JobState.Queued;
    private const JobState Claimed = JobState.Claimed;
    private const JobState Running = JobState.Running;

    private readonly JobSettings _settings;
    private readonly IReadOnlyList<Line> _table;

    /// <summary>The table, with these durations.</summary>
    public Transitions(JobSettings settings)
    {
        _settings = settings;
        _table =
        [
            On<Claim>(3, [Queued], (j, e) => j.NotBefore <= e.Now && MayRun(j, e), Take),

            On<Cancel>(5, [Queued], (_, _) => true, (j, e) => End(j, e, JobOutcome.Cancelled, e.By)),
            On<Waited>(6, [Queued], (j, e) => e.Now > j.WaitingSince + j.WaitingLimit,
                (j, e) => End(j, e, JobOutcome.Expired, string.Join("; ", new[] { $"waited longer than {j.WaitingLimit}", j.Reason, e.Why }.OfType<string>()))),
            On<SendAgain>(7, [Queued], (j, e) => j.SendAt <= e.Now && j.NotBefore <= e.Now,
                (j, e) => j with { SendAt = e.Now + Between(settings.SendAgain, e.Now - j.WaitingSince, settings.SendAgainMost) }),

            On<CreateRefused>(8, [Claimed, Running], (j, _) => MayCreate(j),
                (j, e) => End(j, e, JobOutcome.Failed, e.Message) with { CreateAnswer = e.Message }),
            On<CreateBusy>(15, [Claimed, Running], (j, _) => MayCreate(j) && j.Stop == JobStop.Cancel,
                (j, e) => End(j, e, JobOutcome.Cancelled, j.StopBy)),
            On<CreateBusy>(9, [Claimed, Running], (j, _) => MayCreate(j) && j.Stop == JobStop.None,
                (j, e) => Requeue(j, e.Now + BackOff(j.Attempt), e.Message) with { CreateAnswer = e.Message }),
            On<HandedBack>(15, [Claimed], (j, _) => j.IsRegistered && j.Stop == JobStop.Cancel, (j, e) => End(j, e, JobOutcome.Cancelled, j.StopBy)),
            On<HandedBack>(9, [Claimed], (j, _) => j.IsRegistered, (j, e) => Requeue(j, e.Now + BackOff(j.Attempt), $"{j.Worker} handed it back")),
            On<CreateUnknown>(10, [Claimed], (_, _) => true, (j, e) => j with { CreateAnswer = e.Message }),

            On<RunSeen>(11, [Claimed], (_, _) => true, (j, e) => j with
            {
                State = Running,
                RunUid = e.View.Uid,
                StartedAt = e.View.StartedAt ?? e.Now,
                SeenAt = e.Now,
                Pods = e.View.Pods,
            }),

            On<StartAsked>(12, [Claimed], MayStart, Start),
            On<StartAsked>(12, [Running], (j, e) => MayStart(j, e) && e.Anew && j.StartedAt + settings.StartAnew <= e.Now, Start),

            On<Cancel>(25, [Claimed, Running], (j, e) => e.Force && j.Stop == JobStop.Cancel && j.Lease <= e.Now,
                (j, e) => End(j, e, JobOutcome.Cancelled, "may still be running")),
            On<Cancel>(13, [Claimed, Running], (j, _) => j.Stop != JobStop.Cancel, (j, e) => j with { Stop = JobStop.Cancel, StopBy = e.By }),
            On<ImagesMissing>(13, [Running], (j, _) => j.Stop == JobStop.None,
                (j, e) => j with { Stop = JobStop.PendingLimit, StopBy = "pending limit", Reason = e.Reason }),

            On<RunAbsent>(15, [Claimed], (j, e) => LeasePast(j, e) && j.Stop == JobStop.Cancel,
                (j, e) => End(j, e, JobOutcome.Cancelled, j.StopBy)),
            On<RunAbsent>(14, [Claimed], (j, e) => LeasePast(j, e) && AbsenceProves(j, e) && j.LostClaims < JobSettings.LostClaimsMost,
                (j, e) => Requeue(j, e.Now + LostClaimBackOff(j.LostClaims), "a claim was lost before it started") with { LostClaims = j.LostClaims + 1 }),
            On<RunAbsent>(16, [Claimed], (j, e) => LeasePast(j, e) && AbsenceProves(j, e),
                (j, e) => End(j, e, JobOutcome.Failed, "never started" + (j.CreateAnswer is null ? "" : $": {j.CreateAnswer}"))),
            On<RunAbsent>(22, [Claimed], (j, e) => LeasePast(j, e) && MayRetryLost(j), (j, e) => NextRun(j, e.Now, "lost")),
            On<RunAbsent>(22, [Claimed], LeasePast, (j, e) => End(j, e, JobOutcome.Lost, "nobody saw whether it ran")),

            On<RunSucceeded>(17, [Claimed, Running], (_, _) => true, (j, e) => End(Seen(j, e.View, e.Now), e, JobOutcome.Succeeded, null)),

            On<RunFailed>(20, [Claimed, Running], (j, _) => j.Stop == JobStop.Cancel,
                (j, e) => End(Seen(j, e.View, e.Now), e, JobOutcome.Cancelled, j.StopBy)),
            On<RunFailed>(18, [Claimed, Running], (j, _) => j.Run <= j.Retries, (j, e) => NextRun(j, e.Now, Why(j, e.View))),
            On<RunFailed>(19, [Claimed, Running], (_, _) => true,
                (j, e) => End(Seen(j, e.View, e.Now), e, JobOutcome.Failed, Why(j, e.View))),

            On<RunGone>(20, [Running], (j, _) => j.Stop == JobStop.Cancel, (j, e) => End(j, e, JobOutcome.Cancelled, j.StopBy)),
            On<RunGone>(18, [Running], (j, _) => j.Stop == JobStop.PendingLimit && j.Run <= j.Retries, (j, e) => NextRun(j, e.Now, j.Reason ?? "pending limit")),
            On<RunGone>(19, [Running], (j, _) => j.Stop == JobStop.PendingLimit, (j, e) => End(j, e, JobOutcome.Failed, j.Reason ?? "pending limit")),
            On<RunGone>(21, [Running], (_, e) => e.JustSeen, (j, e) => End(j, e, JobOutcome.Cancelled, "deleted in the cluster")),
            On<RunGone>(22, [Running], (j, _) => MayRetryLost(j), (j, e) => NextRun(j, e.Now, "lost")),
            On<RunGone>(22, [Running], (_, _) => true, (j, e) => End(j, e, JobOutcome.Lost, "its run vanished, and nobody saw its end")),

            On<TakeoverPast>(25, [Running], (j, e) => SilentTooLong(j, e) && j.Stop == JobStop.Cancel,
                (j, e) => End(j, e, JobOutcome.Cancelled, "may still be running")),
            On<TakeoverPast>(22, [Running], (j, e) => SilentTooLong(j, e) && MayRetryLost(j), (j, e) => NextRun(j, e.Now, "lost")),
            On<TakeoverPast>(22, [Running], SilentTooLong, (j, e) => End(j, e, JobOutcome.Lost, $"{j.Worker} did not return before its run's deadline")),

            // Reports change nothing of the job but what is noted of them.
            On<PendingTold>(27, [Queued, Claimed, Running], (j, e) => j.ReportAt is { } at ? at <= e.Now : j.ToldAt is null, (j, e) => j with { ToldAt = e.Now, ReportAt = null }),
            On<ReportFailed>(27, [Queued, Claimed, Running, JobState.Ended], (_, _) => true, (j, e) => j with
            {
                ReportAt = Later(e.NotBefore, e.Now + BackOff(j.FailedReports + 1)),
                FailedReports = j.FailedReports + 1,
                Archived = e.OfEnd ? true : j.Archived,
            }),

            On<Renewed>(23, [Running], (j, _) => j.IsRegistered, (j, e) => j with { Lease = e.Now + settings.Lease, Progress = e.Progress ?? j.Progress }),
            On<Returned>(24, [Running], MayReturn, (j, e) => j with
            {
                Attempt = j.Attempt + 1,
                ClaimKey = e.Key,
                Worker = e.Worker,
                Slot = e.Worker == j.Worker ? j.Slot : e.Slot,
                Lease = e.Now + settings.Lease,
            }),
        ];
    }

    /// <summary>What follows from an event: the number of the line and the job's next state; null where nothing does.</summary>
    public (int Line, Job Next)? Find(Job job, JobEvent happened)
    {
        if (!happened.Concerns(job))
        {
            return null;
        }

        foreach (var line in _table)
        {
            if (line.Event == happened.GetType() && line.From.Contains(job.State) && line.Guard(job, happened))
            {
                return (line.Number, line.To(job, happened));
            }
        }

        return null;
    }

    private sealed record Line(int Number, Type Event, JobState[] From, Func<Job, JobEvent, bool> Guard, Func<Job, JobEvent, Job> To);

    private static Line On<T>(int number, JobState[] from, Func<Job, T, bool> guard, Func<Job, T, Job> to) where T : JobEvent =>
        new(number, typeof(T), from, (j, e) => guard(j, (T)e), (j, e) => to(j, (T)e));

    private Job Take(Job job, Claim claim) => job with
    {
        State = Claimed,
        Attempt = job.Attempt + 1,
        ClaimKey = claim.Key,
        Worker = claim.Worker,
        Executor = claim.Executor,
        Slot = claim.Slot,
        GroupSlot = claim.GroupSlot,
        Cluster = claim.Cluster,
        ClaimedAt = claim.Now,
        Lease = claim.Now + _settings.Lease,
    };

    private Job Start(Job job, StartAsked asked) => job with
    {
        State = Running,
        StartedAt = asked.Now,
        Lease = asked.Now + _settings.Lease,
        Takeover = asked.Now + job.Deadline + _settings.Takeover + job.ExtraGrace,
    };

    private static Job End(Job job, JobEvent e, JobOutcome outcome, string? reason) => WithoutSlots(job) with
    {
        State = JobState.Ended,
        Outcome = outcome,
        EndedAt = e.Now,
        Reason = reason,
    };

    /// <summary>The same run, to be claimed again, by anyone.</summary>
    private static Job Requeue(Job job, DateTimeOffset notBefore, string reason) => WithoutSlots(job) with
    {
        State = Queued,
        NotBefore = notBefore,
        SendAt = notBefore,
        Reason = reason,
        Cluster = null,
        Progress = null,
        RunUid = null,
        StartedAt = null,
        SeenAt = null,
        Pods = 0,
    };

    /// <summary>The next run: the one before is known to have ended, or its loss counts as a failure.</summary>
    private Job NextRun(Job job, DateTimeOffset now, string reason) => Requeue(job, now + BackOff(job.Run), reason) with
    {
        Run = job.Run + 1,
        Stop = JobStop.None,
        StopBy = null,
        LostClaims = 0,
        WaitingSince = now,
        CreateAnswer = null,
    };

    private static Job WithoutSlots(Job job) => job with { Slot = null, GroupSlot = null, Lease = null, Takeover = null, ClaimKey = null };

    private static Job Seen(Job job, RunView view, DateTimeOffset now) => job with
    {
        RunUid = view.Uid,
        StartedAt = job.StartedAt ?? view.StartedAt ?? now,
        ExitCode = view.ExitCode,
        Pods = view.Pods,
    };

    private static string Why(Job job, RunView view) => job.Stop == JobStop.PendingLimit && job.Reason is { } pending ? pending
        : view switch
        {
            { Reason: null or "Error", ExitCode: { } code } => $"exit code {code}",
            { Reason: { } reason, Message: { } message } => $"{reason}: {message}",
            _ => view.Reason ?? view.Message ?? "failed",
        };

    // The built-in worker takes what asks for no other.
    private static bool MayRun(Job job, Claim e) => !job.IsRouted || (e.Worker != Claiming.Worker && job.Admits(e.Worker, e.Labels));

    // The built-in worker's job is running once its run was seen; a registered worker's from before its create.
    private static bool MayCreate(Job job) => job.State == Claimed || job.IsRegistered;

    private static bool MayStart(Job job, StartAsked e) => job.IsRegistered && e.Key == job.ClaimKey && job.Lease > e.Now && job.Stop == JobStop.None;

    // Of one name there is one process, so it returns as it likes, but not to what it has claimed itself; of several pods of a name, another comes instead once this one is silent.
    private static bool MayReturn(Job job, Returned e) => job.IsRegistered && e.Cluster == job.Cluster && e.Key != job.ClaimKey
        && (ClaimKeys.ProcessOf(e.Key) is not { } process || process != ClaimKeys.ProcessOf(job.ClaimKey))
        && (e.Worker == job.Worker || (WorkerNames.NameOf(e.Worker) == WorkerNames.NameOf(job.Worker!) && job.Lease <= e.Now));

    private static bool SilentTooLong(Job job, TakeoverPast e) => e.Up && job.Takeover <= e.Now;

    private static bool LeasePast(Job job, RunAbsent e) => e.Up && job.Lease <= e.Now;

    private static bool AbsenceProves(Job job, RunAbsent e) => e.Now - job.Lease < JobSettings.AbsenceProves;

    private static bool MayRetryLost(Job job) => job.OnLost == OnLost.Retry && job.Run <= job.Retries;

    private TimeSpan BackOff(int times) => Doubled(_settings.BackOff, times - 1, _settings.BackOffMost);

    private TimeSpan LostClaimBackOff(int lost) => lost == 0 ? TimeSpan.Zero : Doubled(_settings.LostClaimBackOff, lost - 1, TimeSpan.MaxValue);

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most) =>
        TimeSpan.FromTicks((long)Math.Min(first.Ticks * Math.Pow(2, Math.Min(times, 30)), most.Ticks));

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;

    private static TimeSpan Between(TimeSpan least, TimeSpan value, TimeSpan most) => value < least ? least : value > most ? most : value;
}

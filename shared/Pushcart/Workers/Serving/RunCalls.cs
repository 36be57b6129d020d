using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Jobs.Views;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>
/// What a registered worker says and asks of a job that it has: start, renew, report, output. Each is an event of the table of states, fenced by the claim's number; a refusal says why, for the
/// worker deletes its run by it, or lets it be.
/// </summary>
public sealed class RunCalls(JobStore jobs, History history, WorkerStore workers, Admission admission, Claiming claiming, RunOutput output, JobSettings settings, TimeProvider time)
{
    /// <summary>Allows a worker to create a run, once: line 12.</summary>
    public async Task<Answer<StartAnswer>> StartAsync(string id, StartRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Instance(request.Instance) ?? WireRules.Key(request.Key) ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false)) is { } refusal)
        {
            return refusal;
        }

        var job = await FindAsync(id, caller, cancellation).ConfigureAwait(false);
        if (job is null || !IsMine(job, request.Worker, request.Attempt, request.Run))
        {
            return Conflict(id, job, request.Worker, request.Attempt, request.Run);
        }

        var asked = new StartAsked(time.GetUtcNow(), request.Attempt, request.Key, request.Anew);
        var (result, now) = await jobs.ApplyAsync(job, asked, null, cancellation).ConfigureAwait(false);
        return result == Applied.Changed
            ? new StartAnswer(settings.Lease, settings.CreateWithin)
            : Conflict(id, now, request.Worker, request.Attempt, request.Run, NotStarted);
    }

    /// <summary>Takes a sign of life of a started job: line 23.</summary>
    public async Task<Answer<RenewAnswer>> RenewAsync(string id, RenewRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Instance(request.Instance) ?? WireRules.Progress(request.Progress) ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false)) is { } refusal)
        {
            return refusal;
        }

        var job = await FindAsync(id, caller, cancellation).ConfigureAwait(false);
        if (job is null || !IsMine(job, request.Worker, request.Attempt, request.Run) || job.State != JobState.Running)
        {
            return Conflict(id, job, request.Worker, request.Attempt, request.Run);
        }

        var now = time.GetUtcNow();
        var news = request.Progress is { } progress && progress != job.Progress;
        if (job.Lease - settings.Lease + WorkerSettings.ProgressEach(settings) - now is { } soon && soon > TimeSpan.Zero && !(news && job.Progress is null))
        {
            // Nothing is held in memory for later: who has the newest tells it again.
            return news
                ? new Refusal(RefusalCodes.ProgressTooOften, $"progress is written once in {WorkerSettings.ProgressEach(settings).TotalSeconds:0.#} s; tell the newest after that") { RetryAfter = soon }
                : await RenewedAsync(job, request.Worker, cancellation).ConfigureAwait(false);
        }

        var answer = await jobs.ApplyAsync(job, new Renewed(now, request.Attempt, request.Progress), null, cancellation).ConfigureAwait(false);
        return answer.Result == Applied.Changed
            ? await RenewedAsync(answer.Job!, request.Worker, cancellation).ConfigureAwait(false)
            : Conflict(id, answer.Job, request.Worker, request.Attempt, request.Run);
    }

    /// <summary>Takes what became of a run.</summary>
    public async Task<Answer<ReportAnswer>> ReportAsync(string id, ReportRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Instance(request.Instance) ?? WireRules.Report(request) ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false)) is { } refusal)
        {
            return refusal;
        }

        var job = await FindAsync(id, caller, cancellation).ConfigureAwait(false);
        if (job is null || !IsMine(job, request.Worker, request.Attempt, request.Run) || job.State == JobState.Ended)
        {
            return await RepeatedAsync(id, job, request, caller, cancellation).ConfigureAwait(false);
        }

        // Before the end, so that whoever archives it finds it; where the report is refused, it goes with the job's history.
        if (request.LogTail is { Length: > 0 } tail && request.What is ReportWords.Succeeded or ReportWords.Failed or ReportWords.Gone)
        {
            await output.KeepTailAsync(id, request.Run, request.LogTail!, cancellation).ConfigureAwait(false);
        }

        var (result, now) = await jobs.ApplyAsync(job, EventOf(job, request), null, cancellation).ConfigureAwait(false);
        if (result != Applied.Changed)
        {
            return await RepeatedAsync(id, now, request, caller, cancellation).ConfigureAwait(false);
        }

        if (!now!.IsActive)
        {
            await claiming.WakeAsync(cancellation).ConfigureAwait(false);
        }

        return AnswerOf(now);
    }

    /// <summary>Keeps a piece of a run's output.</summary>
    public async Task<Answer<LogAnswer>> LogAsync(string id, LogChunk chunk, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Chunk(chunk) ?? await admission.RefusalAsync(caller, chunk.Worker, cancellation).ConfigureAwait(false)) is { } refusal)
        {
            return refusal;
        }

        // The last piece may come after the end.
        var job = await FindAsync(id, caller, cancellation).ConfigureAwait(false);
        return job is null || !IsMine(job, chunk.Worker, chunk.Attempt, chunk.Run) || job.State is JobState.Queued or JobState.Claimed
            ? Conflict(id, job, chunk.Worker, chunk.Attempt, chunk.Run)
            : new LogAnswer(await output.AppendAsync(id, chunk.Run, chunk.Number, chunk.Text, cancellation).ConfigureAwait(false));
    }

    /// <summary>One of <see cref="StopWords"/>.</summary>
    internal static string? WordOf(JobStop stop) => stop switch { JobStop.Cancel => StopWords.Cancel, JobStop.PendingLimit => StopWords.PendingLimit, _ => null };

    private async Task<RenewAnswer> RenewedAsync(Job job, string worker, CancellationToken cancellation)
    {
        var known = await workers.FindAsync(worker, WorkerStore.Fresh, cancellation).ConfigureAwait(false);
        return new(job.Lease!.Value - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, known is { Drain: true }, WordOf(job.Stop));
    }

    /// <summary>A report whose answer was lost is answered again; everything else is refused.</summary>
    private async Task<Answer<ReportAnswer>> RepeatedAsync(string id, Job? job, ReportRequest request, Caller caller, CancellationToken cancellation)
    {
        if (job is null && JobId.IsValid(id))
        {
            job = (await history.FindAsync(id, cancellation).ConfigureAwait(false))?.Job;
            job = job is not null && caller.Namespaces.Has(job.Namespace) ? job : null;
        }

        return job is not null && job.Worker == request.Worker && job.Attempt == request.Attempt && HasBeen(job, request)
            ? AnswerOf(job)
            : Conflict(id, job, request.Worker, request.Attempt, request.Run);
    }

    private static bool HasBeen(Job job, ReportRequest request) => request.What switch
    {
        ReportWords.Succeeded => job.Outcome == JobOutcome.Succeeded && job.Run == request.Run,
        ReportWords.Failed => (job.State, job.Run) == (JobState.Queued, request.Run + 1) || (job.Outcome is JobOutcome.Failed or JobOutcome.Cancelled && job.Run == request.Run),
        ReportWords.Gone => (job.State, job.Run) == (JobState.Queued, request.Run + 1)
            || (job.Outcome is JobOutcome.Failed or JobOutcome.Cancelled or JobOutcome.Lost && job.Run == request.Run),
        ReportWords.Refused => job.Outcome == JobOutcome.Failed && job.Run == request.Run,
        ReportWords.Busy or ReportWords.HandedBack => (job.State == JobState.Queued || job.Outcome == JobOutcome.Cancelled) && job.Run == request.Run,
        ReportWords.ImagesMissing => job is { State: JobState.Running, Stop: not JobStop.None } && job.Run == request.Run,
        _ => false,
    };

    private JobEvent EventOf(Job job, ReportRequest request)
    {
        var (now, attempt) = (time.GetUtcNow(), request.Attempt);
        var message = request.Message ?? request.Reason ?? request.What;
        return request.What switch
        {
            ReportWords.Refused => new CreateRefused(now, attempt, message),
            ReportWords.Busy => new CreateBusy(now, attempt, message),
            ReportWords.HandedBack => new HandedBack(now, attempt),
            ReportWords.Succeeded => new RunSucceeded(now, ViewOf(job, request, RunPhase.Succeeded), attempt),
            ReportWords.Failed => new RunFailed(now, ViewOf(job, request, RunPhase.Failed), attempt),
            ReportWords.Gone => new RunGone(now, request.Run, request.JustSeen, attempt),
            ReportWords.ImagesMissing => new ImagesMissing(now, request.Run, message, attempt),
            _ => new Renewed(now, attempt),
        };
    }

    private static RunView ViewOf(Job job, ReportRequest request, RunPhase phase) => new()
    {
        Key = RunNames.Of(job, request.Run),
        Uid = request.RunUid is { Length: > 0 } uid ? uid : RunNames.Of(job, request.Run).Name,
        Version = "",
        Phase = phase,
        Pods = request.Pods,
        StartedAt = request.StartedAt,
        EndedAt = request.EndedAt,
        Reason = request.Reason,
        Message = request.Message,
        ExitCode = request.ExitCode,
    };

    private static ReportAnswer AnswerOf(Job job) => new((job.Outcome is null ? job.State : JobState.Ended).ToString().ToLowerInvariant(), job.Outcome?.ToString().ToLowerInvariant());

    // What is elsewhere is not there.
    private async Task<Job?> FindAsync(string id, Caller caller, CancellationToken cancellation) =>
        JobId.IsValid(id) && await jobs.FindAsync(id, cancellation).ConfigureAwait(false) is { } job && caller.Namespaces.Has(job.Namespace) ? job : null;

    private static bool IsMine(Job job, string worker, int attempt, int? run) => job.Worker == worker && job.Attempt == attempt && (run is null || run == job.Run);

    private static string NotStarted(Job job) => job switch
    {
        { Stop: not JobStop.None } => ConflictReasons.Stopped,
        { State: JobState.Running } => ConflictReasons.Started,

        // Nothing came of it yet, and nothing may: its lease is past, or the key is another one's.
        _ => ConflictReasons.Requeued,
    };

    private static Refusal Conflict(string id, Job? job, string worker, int attempt, int? run, Func<Job, string>? mine = null)
    {
        var reason = ReasonOf(job, worker, attempt, run, mine);
        return new(RefusalCodes.ClaimConflict, $"job {Wording.Quote(id)}, attempt {attempt} of {worker}: {reason.Replace('_', ' ')}") { Reason = reason };
    }

    private static string ReasonOf(Job? job, string worker, int attempt, int? run, Func<Job, string>? mine) => job switch
    {
        null => ConflictReasons.Unknown,
        { State: JobState.Ended } or { Outcome: not null } => ConflictReasons.Ended,
        { State: JobState.Queued } => ConflictReasons.Requeued,
        _ when IsMine(job, worker, attempt, run) => mine?.Invoke(job) ?? ConflictReasons.NotNow,

        // The attempt of a run at work rises only by a process of its own name and cluster.
        { State: JobState.Running } when attempt < job.Attempt && (run is null || run == job.Run) && WorkerNames.NameOf(job.Worker!) == WorkerNames.NameOf(worker) => ConflictReasons.TakenOver,
        _ => job.Worker == worker ? ConflictReasons.Requeued : ConflictReasons.OtherWorker,
    };
}

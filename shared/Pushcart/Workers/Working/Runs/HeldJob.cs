using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;

namespace Pushcart.Workers.Working.Runs;

/// <summary>Where a job stands with the worker that has it.</summary>
public enum HoldPhase
{
    /// <summary>Claimed; its start was not asked for, or nobody has answered yet. Nothing is created.</summary>
    Claimed,

    /// <summary>Its start was allowed, or perhaps: a run may be there.</summary>
    Started,

    /// <summary>What became of it is known, and is to be reported.</summary>
    Ending,

    /// <summary>It is not this worker's any more: what is there of it is deleted, and nothing reported.</summary>
    Removing,

    /// <summary>Nothing is left to do for it here.</summary>
    Done,
}

/// <summary>One claim that the worker has. One task at a time changes it.</summary>
public sealed class HeldJob
{
    private string? _verdict;

    /// <summary>A claim as the server has told it.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="sent">When it was asked for: its lease runs from then.</param>
    /// <param name="backOff">Waits between reports and starts that were not answered.</param>
    public HeldJob(ClaimAnswer claim, DateTimeOffset sent, BackOff backOff)
    {
        ArgumentNullException.ThrowIfNull(claim);
        Claim = claim;
        Job = claim.Job with { Attempt = claim.Attempt, Run = claim.Run, ClaimKey = claim.Key, ClaimedAt = claim.Job.ClaimedAt ?? sent };
        Key = RunNames.Of(Job);
        LeaseEnds = sent + claim.Lease;
        Stop = claim.Stop;
        BackOff = backOff;
    }

    /// <summary>The claim.</summary>
    public ClaimAnswer Claim { get; }

    /// <summary>The job, with what it was submitted with.</summary>
    public Job Job { get; }

    /// <summary>Its run.</summary>
    public RunKey Key { get; }

    /// <summary>Where it stands.</summary>
    public HoldPhase Phase { get; set; }

    /// <summary>When a claim that is not started is nobody's.</summary>
    public DateTimeOffset LeaseEnds { get; }

    /// <summary>From when on a run that is not there is proof that none will come: the start before has been carried out by then, or never will be.</summary>
    public DateTimeOffset AnewAt { get; set; }

    /// <summary>True once its executor has told of the run: that it was created, or that it is there.</summary>
    public bool WasThere { get; set; }

    /// <summary>When its run was last seen at work.</summary>
    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>One of <see cref="StopWords"/>; null while it is to go on.</summary>
    public string? Stop { get; set; }

    /// <summary>When it is renewed next.</summary>
    public DateTimeOffset RenewAt { get; set; }

    /// <summary>What is told of its progress.</summary>
    public string? Progress { get; set; }

    /// <summary>What was told of it, and taken.</summary>
    public string? ToldProgress { get; set; }

    /// <summary>True once the missing images were told.</summary>
    public bool ImagesTold { get; set; }

    /// <summary>What is to be reported; null while nothing is.</summary>
    public ReportRequest? Report { get; set; }

    /// <summary>When the report is sent next.</summary>
    public DateTimeOffset ReportAt { get; set; }

    /// <summary>When its output is looked at next.</summary>
    public DateTimeOffset LogAt { get; set; }

    /// <summary>Tries to send the last of its output before its end is told.</summary>
    public int LastOutputTries { get; set; }

    /// <summary>Its output, as far as it was sent.</summary>
    public LogPieces Output { get; } = new();

    /// <summary>Waits between calls that were not answered.</summary>
    public BackOff BackOff { get; }

    /// <summary>True once the worker is ending: what is not started is handed back.</summary>
    public bool HandBack { get; set; }

    /// <summary>What is being done for it.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>How it is called in the log.</summary>
    public string Id => Job.Id;

    /// <summary>A check-in was answered that the claim is not the worker's any more.</summary>
    /// <param name="reason">One of <see cref="ConflictReasons"/>.</param>
    public void Judge(string reason) => Interlocked.Exchange(ref _verdict, reason);

    /// <summary>Takes what was judged, once; null where nothing was.</summary>
    public string? TakeVerdict() => Interlocked.Exchange(ref _verdict, null);
}

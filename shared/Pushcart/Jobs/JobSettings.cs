using Pushcart.Settings;

namespace Pushcart.Jobs;

/// <summary>Durations and limits of a job's life. Their relations are checked at start by <see cref="Check"/>.</summary>
public sealed record JobSettings
{
    /// <summary>How long a claim lasts that did not start. Default 60 s; more than twice <see cref="CreateWithin"/>.</summary>
    [Setting("Jobs:Lease", Minimum = "2s", Maximum = "1h")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a claim its create may still be sent. Default 20 s; less than half of <see cref="Lease"/>.</summary>
    [Setting("Jobs:CreateWithin", Minimum = "500ms", Maximum = "10m")]
    public TimeSpan CreateWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time-out of the create itself. Default 10 s; with <see cref="CreateWithin"/> less than <see cref="Lease"/>.</summary>
    [Setting("Jobs:CreateTimeout", Minimum = "500ms", Maximum = "10m")]
    public TimeSpan CreateTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The observer judges leases only after it has ticked that long without a gap. Default 60 s.</summary>
    [Setting("Observe:UpAfter", Minimum = "1s", Maximum = "1h")]
    public TimeSpan UpAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest pause between two ticks of the observer that is no gap. Default 45 s; less than <see cref="UpAfter"/>, more than the period of <c>Observe:Schedule</c>.</summary>
    [Setting("Observe:LongestGap", Minimum = "1s", Maximum = "1h")]
    public TimeSpan LongestGap { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a message of a queued job is waited for before it is sent again. Default 1 min; then as long as the job has waited, up to <see cref="SendAgainMost"/>.</summary>
    [Setting("Jobs:SendAgain", Minimum = "1s", Maximum = "1h")]
    public TimeSpan SendAgain { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait between two messages of one job or owed check. Default 30 min.</summary>
    [Setting("Jobs:SendAgainMost", Minimum = "1s", Maximum = "24h")]
    public TimeSpan SendAgainMost { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Wait before the next run or create: this × 2^(n−1), up to <see cref="BackOffMost"/>. Default 10 s.</summary>
    [Setting("Jobs:BackOff", Minimum = "100ms", Maximum = "1h")]
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait before the next run or create. Default 5 min.</summary>
    [Setting("Jobs:BackOffMost", Minimum = "100ms", Maximum = "24h")]
    public TimeSpan BackOffMost { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait after the second claim that was lost without ever starting; it doubles with each further one (the first is repeated at once). Default 1 min.</summary>
    [Setting("Jobs:LostClaimBackOff", Minimum = "100ms", Maximum = "1h")]
    public TimeSpan LostClaimBackOff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often Observe looks for runs without a row, and how old such a run must be before it is deleted. Default 10 min.</summary>
    [Setting("Observe:Orphans", Minimum = "1s", Maximum = "24h")]
    public TimeSpan Orphans { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After so long a create has been sent and answered, or never will be: who finds no run by then may start anew. <see cref="CreateWithin"/> + <see cref="CreateTimeout"/>: 30 s by default.</summary>
    public TimeSpan StartAnew => CreateWithin + CreateTimeout;

    /// <summary>A started run has ended so long after its start and its deadline: <see cref="StartAnew"/>, for it may begin so late, + <see cref="PodGrace"/>; 60 s by default.</summary>
    public TimeSpan Takeover => StartAnew + PodGrace;

    /// <summary>How long a pod may take to end where its template says nothing: 30 s, as Kubernetes has it.</summary>
    public static TimeSpan PodGrace { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run's end is kept by its executor until it is on record. 7 days; a claim that is past by almost as long may have come and gone.</summary>
    public static TimeSpan UnrecordedTtl { get; } = TimeSpan.FromDays(7);

    /// <summary>A claim whose lease is past by less than this proves by the absence of its run that it never started: a day less than <see cref="UnrecordedTtl"/>.</summary>
    public static TimeSpan AbsenceProves { get; } = TimeSpan.FromDays(6);

    /// <summary>Claims that may be lost without a start before the job fails. 5: the sixth ends it.</summary>
    public const int LostClaimsMost = 5;

    /// <summary>Bytes of a run's output that stand in history.</summary>
    public const int LogTailBytes = 64_000;

    /// <summary>Checks the relations between the settings.</summary>
    public void Check(SettingsReader reader)
    {
        reader.Require(CreateWithin < Lease / 2, $"Jobs:CreateWithin: {CreateWithin} is not less than half of Jobs:Lease ({Lease})");
        reader.Require(CreateWithin + CreateTimeout < Lease, $"Jobs:CreateTimeout: with Jobs:CreateWithin it is not less than Jobs:Lease ({Lease})");
        reader.Require(LongestGap < UpAfter, $"Observe:LongestGap: {LongestGap} is not less than Observe:UpAfter ({UpAfter})");
        reader.Require(SendAgain <= SendAgainMost, $"Jobs:SendAgain: {SendAgain} is more than Jobs:SendAgainMost ({SendAgainMost})");
        reader.Require(BackOff <= BackOffMost, $"Jobs:BackOff: {BackOff} is more than Jobs:BackOffMost ({BackOffMost})");
    }
}

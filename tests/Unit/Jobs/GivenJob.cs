using Azure;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Jobs;

/// <summary>Jobs for tests, in each state.</summary>
internal static class GivenJob
{
    public static readonly DateTimeOffset Start = new(2026, 1, 15, 12, 0, 0, 123, TimeSpan.Zero);

    public static readonly DateTimeOffset ClaimedAt = Start.AddSeconds(10);

    public static readonly DateTimeOffset Lease = ClaimedAt.AddSeconds(60);

    /// <summary>When a registered worker's job is started.</summary>
    public static readonly DateTimeOffset StartedAt = ClaimedAt.AddSeconds(20);

    public static Job Queued(string? id = null) => new()
    {
        Id = id ?? JobId.New(Start, new SeededChance(1)),
        SubmittedAt = Start,
        WaitingSince = Start,
        NotBefore = Start,
        SendAt = Start.AddMinutes(1),
        Namespace = "team",
        TriggerKind = ResourceKind.ScheduleTrigger,
        TriggerName = "nightly",
        TriggerUid = "trigger-uid",
        SourceKind = ResourceKind.GitRepo,
        SourceName = "app",
        ReferenceType = ReferenceType.Branch,
        ReferenceName = "main",
        Commit = new string('a', 40),
        Cause = "poll",
        ActionKind = ResourceKind.Action,
        ActionName = "build",
        Deadline = TimeSpan.FromHours(1),
        WaitingLimit = TimeSpan.FromHours(24),
        Ttl = TimeSpan.FromHours(2),
        ETag = new("W/\"seen\""),
    };

    public static Job Claimed(string? id = null) => Queued(id) with
    {
        State = JobState.Claimed,
        Attempt = 1,
        ClaimKey = "key",
        Worker = Claiming.Worker,
        Executor = "process",
        Slot = 3,
        Group = "deploy",
        GroupSlot = 0,
        ClaimedAt = ClaimedAt,
        Lease = Lease,
    };

    public static Job Running(string? id = null) => Claimed(id) with
    {
        State = JobState.Running,
        RunUid = "run-uid",
        StartedAt = ClaimedAt.AddSeconds(2),
        SeenAt = ClaimedAt.AddSeconds(5),
        Pods = 1,
    };

    /// <summary>A claim of a registered worker's, not started yet.</summary>
    public static Job ClaimedOut(string? id = null) => Claimed(id) with { Worker = "edge/a", Cluster = "north", Executor = "kubernetes" };

    /// <summary>A registered worker's job, started 20 s after its claim, and its lease renewed then.</summary>
    public static Job StartedOut(string? id = null) => ClaimedOut(id) with
    {
        State = JobState.Running,
        StartedAt = StartedAt,
        Lease = StartedAt.AddSeconds(60),
        Takeover = StartedAt.AddHours(1).AddSeconds(60),
        Progress = "half done",
    };

    public static Job Ended(string? id = null) => Running(id) with
    {
        State = JobState.Ended,
        Outcome = JobOutcome.Succeeded,
        EndedAt = ClaimedAt.AddSeconds(30),
        Slot = null,
        GroupSlot = null,
        Lease = null,
        ClaimKey = null,
    };

    /// <summary>One that failed, with a value in every property: a new one is added here by itself.</summary>
    public static Job Full()
    {
        var job = Ended() with { Outcome = JobOutcome.Failed, StartedAt = Start.AddSeconds(30), EndedAt = Start.AddSeconds(50) };
        foreach (var property in typeof(Job).GetProperties().Where(p => p.CanWrite && p.GetValue(job) is null && p.Name is not nameof(Job.Snapshots)))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            property.SetValue(job, type == typeof(string) ? $"some {property.Name}" : type == typeof(DateTimeOffset) ? Start.AddDays(1) : type.IsEnum ? Enum.GetValues(type).GetValue(1) : Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture));
        }

        return job;
    }

    public static Job In(JobState state) => state switch
    {
        JobState.Queued => Queued(),
        JobState.Claimed => Claimed(),
        JobState.Running => Running(),
        _ => Ended(),
    };

    /// <summary>The run as an executor sees it.</summary>
    public static RunView View(RunPhase phase = RunPhase.Active, int run = 1) => new()
    {
        Key = new("team", $"build-x-{run}", "x", run),
        Uid = "seen-uid",
        Version = "7",
        Phase = phase,
        Pods = 2,
        CreatedAt = ClaimedAt.AddSeconds(1),
        StartedAt = ClaimedAt.AddSeconds(3),
    };

    /// <summary>A version of a row.</summary>
    public static ETag Version(int number) => new($"W/\"{number}\"");
}

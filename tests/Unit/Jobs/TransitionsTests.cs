using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using static Pushcart.Tests.Unit.Jobs.GivenJob;

namespace Pushcart.Tests.Unit.Jobs;

/// <summary>
/// The table of states, line by line: what each event does to a job of each state, with the guards on both sides. Back-off values are <see cref="BackOffTests"/>'.
/// </summary>
public sealed class TransitionsTests
{
    private static readonly DateTimeOffset s_now = Lease.AddSeconds(1);
    private static readonly DateTimeOffset s_past = StartedAt.AddHours(1).AddSeconds(60);
    private static readonly TimeSpan s_sixDays = TimeSpan.FromDays(6);
    private static readonly Transitions s_table = new(new JobSettings());

    // Each event so that it applies wherever its line knows the state.
    private static readonly JobEvent[] s_events =
    [
        new Claim(s_now, "new key", "builtin", "process", 1, null),
        new Cancel(s_now, "anna"),
        new Waited(Start.AddHours(25)),
        new SendAgain(s_now),
        new CreateRefused(s_now, 1, "forbidden"),
        new CreateBusy(s_now, 1, "too many"),
        new CreateUnknown(s_now, 1, "no answer"),
        new RunSeen(s_now, View()),
        new ImagesMissing(s_now, 1, "ImagePullBackOff"),
        new RunSucceeded(s_now, View(RunPhase.Succeeded)),
        new RunFailed(s_now, View(RunPhase.Failed)),
        new RunGone(s_now, 1, JustSeen: false),
        new RunAbsent(s_now, 1, Up: true),
        new StartAsked(StartedAt.AddSeconds(30), 1, "key", Anew: true),
        new HandedBack(s_now, 1),
        new Renewed(s_now, 1),
        new Returned(s_now, "edge/a", "north", "new key", 1),
        new TakeoverPast(s_past, 1, Up: true),
        new PendingTold(s_now),
        new ReportFailed(s_now, null, OfEnd: false),
    ];

    // State and event → line. Every pair that is not here gives none.
    private static readonly Dictionary<(JobState, Type), int> s_lines = new()
    {
        [(JobState.Queued, typeof(PendingTold))] = 27,
        [(JobState.Claimed, typeof(PendingTold))] = 27,
        [(JobState.Running, typeof(PendingTold))] = 27,
        [(JobState.Queued, typeof(ReportFailed))] = 27,
        [(JobState.Claimed, typeof(ReportFailed))] = 27,
        [(JobState.Running, typeof(ReportFailed))] = 27,
        [(JobState.Queued, typeof(Claim))] = 3,
        [(JobState.Queued, typeof(Cancel))] = 5,
        [(JobState.Queued, typeof(Waited))] = 6,
        [(JobState.Queued, typeof(SendAgain))] = 7,
        [(JobState.Claimed, typeof(CreateRefused))] = 8,
        [(JobState.Claimed, typeof(CreateBusy))] = 9,
        [(JobState.Claimed, typeof(CreateUnknown))] = 10,
        [(JobState.Claimed, typeof(RunSeen))] = 11,
        [(JobState.Claimed, typeof(Cancel))] = 13,
        [(JobState.Running, typeof(Cancel))] = 13,
        [(JobState.Running, typeof(ImagesMissing))] = 13,
        [(JobState.Claimed, typeof(RunAbsent))] = 14,
        [(JobState.Claimed, typeof(RunSucceeded))] = 17,
        [(JobState.Running, typeof(RunSucceeded))] = 17,
        [(JobState.Claimed, typeof(RunFailed))] = 19,
        [(JobState.Running, typeof(RunFailed))] = 19,
        [(JobState.Running, typeof(RunGone))] = 22,
    };

    // The same of a registered worker's job, whose events are its reports. What create answers comes after its start.
    private static readonly Dictionary<(JobState, Type), int> s_registered = new()
    {
        [(JobState.Claimed, typeof(PendingTold))] = 27,
        [(JobState.Running, typeof(PendingTold))] = 27,
        [(JobState.Claimed, typeof(ReportFailed))] = 27,
        [(JobState.Running, typeof(ReportFailed))] = 27,
        [(JobState.Claimed, typeof(StartAsked))] = 12,
        [(JobState.Running, typeof(StartAsked))] = 12,
        [(JobState.Claimed, typeof(HandedBack))] = 9,
        [(JobState.Claimed, typeof(CreateRefused))] = 8,
        [(JobState.Running, typeof(CreateRefused))] = 8,
        [(JobState.Claimed, typeof(CreateBusy))] = 9,
        [(JobState.Running, typeof(CreateBusy))] = 9,
        [(JobState.Claimed, typeof(CreateUnknown))] = 10,
        [(JobState.Claimed, typeof(Cancel))] = 13,
        [(JobState.Running, typeof(Cancel))] = 13,
        [(JobState.Running, typeof(ImagesMissing))] = 13,
        [(JobState.Claimed, typeof(RunAbsent))] = 14,
        [(JobState.Claimed, typeof(RunSucceeded))] = 17,
        [(JobState.Running, typeof(RunSucceeded))] = 17,
        [(JobState.Claimed, typeof(RunFailed))] = 19,
        [(JobState.Running, typeof(RunFailed))] = 19,
        [(JobState.Running, typeof(RunGone))] = 22,
        [(JobState.Running, typeof(TakeoverPast))] = 22,
        [(JobState.Running, typeof(Renewed))] = 23,
        [(JobState.Running, typeof(Returned))] = 24,
    };

    [Fact]
    public void Every_event_there_is_stands_in_the_walk()
    {
        var known = typeof(JobEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(JobEvent)) && !t.IsAbstract);

        Assert.Equal(known.OrderBy(t => t.Name), s_events.Select(e => e.GetType()).OrderBy(t => t.Name));
    }

    [Fact]
    public void Each_state_meets_each_event_at_its_line_or_at_none()
    {
        foreach (var state in Enum.GetValues<JobState>())
        {
            foreach (var happened in s_events)
            {
                int? expected = s_lines.TryGetValue((state, happened.GetType()), out var line) ? line : null;
                Assert.True(s_table.Find(In(state), happened)?.Line == expected, $"{state} × {happened.GetType().Name}: line {s_table.Find(In(state), happened)?.Line}, not {expected}");
            }
        }
    }

    [Fact]
    public void A_registered_workers_job_meets_each_event_at_its_line_or_at_none()
    {
        foreach (var job in (Job[])[ClaimedOut(), StartedOut()])
        {
            foreach (var happened in s_events)
            {
                var report = Reported(happened, 1);
                int? expected = s_registered.TryGetValue((job.State, happened.GetType()), out var line) ? line : null;
                Assert.True(s_table.Find(job, report)?.Line == expected, $"{job.State} × {happened.GetType().Name}: line {s_table.Find(job, report)?.Line}, not {expected}");
            }
        }
    }

    [Fact]
    public void A_report_of_another_attempt_changes_nothing_whatever_it_says()
    {
        foreach (var job in (Job[])[ClaimedOut(), StartedOut()])
        {
            foreach (var happened in s_events.Where(e => e is ClaimEvent or RunEvent))
            {
                Assert.Null(s_table.Find(job with { Attempt = 2 }, Reported(happened, 1)));
                Assert.Null(s_table.Find(job with { Attempt = 2 }, Reported(happened, 3)));
            }
        }
    }

    [Fact]
    public void What_observe_sees_or_misses_itself_is_no_registered_workers_run()
    {
        var seen = s_events.OfType<RunEvent>().ToList();

        Assert.Equal(5, seen.Count);
        Assert.All(seen, happened => Assert.Null(s_table.Find(ClaimedOut(), happened)));
        Assert.All(seen, happened => Assert.Null(s_table.Find(StartedOut(), happened)));

        // Nor is a worker's report the built-in one's.
        Assert.All(seen, happened => Assert.True(happened is RunSeen || s_table.Find(Running(), Reported(happened, 1)) is null));
    }

    public static TheoryData<string> Rows => [.. Table().Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_table_of_states(string name)
    {
        var row = Table().Single(r => r.Name == name);

        var found = s_table.Find(row.From, row.Event);

        Assert.Equal(row.Line, found?.Line);
        if (found is { } move)
        {
            var holds = move.Next is { Slot: not null, Lease: not null, ClaimKey: not null };
            Assert.Equal(move.Next.IsActive, holds);
            Assert.Equal(move.Next is { State: JobState.Running, IsRegistered: true }, move.Next.Takeover is not null);
            Assert.Equal(move.Next.State == JobState.Ended, move.Next is { Outcome: not null, EndedAt: not null });
            Assert.Equal(row.To!(row.From), move.Next);
        }
    }

    private sealed record Row(string Name, Job From, JobEvent Event, int? Line, Func<Job, Job>? To);

    private static IEnumerable<Row> Table() =>
    [
        // Line 3: a claim is a new attempt, with slots and a lease; the run stays.
        Moves("3 takes the job", Queued() with { Attempt = 4, Run = 2 }, new Claim(s_now, "k", "w", "process", 5, 1), 3, j => j with
        {
            State = JobState.Claimed, Attempt = 5, ClaimKey = "k", Worker = "w", Executor = "process", Slot = 5, GroupSlot = 1, ClaimedAt = s_now, Lease = s_now.AddSeconds(60),
        }),
        Moves("3 on the instant", Queued() with { NotBefore = s_now }, new Claim(s_now, "k", "w", "process", 0, null), 3, j => j with
        {
            State = JobState.Claimed, Attempt = 1, ClaimKey = "k", Worker = "w", Executor = "process", Slot = 0, ClaimedAt = s_now, Lease = s_now.AddSeconds(60),
        }),
        Moves("3 by a registered worker, whose cluster is noted", Queued() with { Worker = "edge/b" }, new Claim(s_now, "k", "edge/a", "kubernetes", 0, null, "north"), 3, j => j with
        {
            State = JobState.Claimed, Attempt = 1, ClaimKey = "k", Worker = "edge/a", Cluster = "north", Executor = "kubernetes", Slot = 0, ClaimedAt = s_now,
            Lease = s_now.AddSeconds(60),
        }),
        Stays("3 not by the built-in worker, where it asks for another", Queued() with { ForLabels = "gpu=true" }, new Claim(s_now, "k", "builtin", "process", 0, null)),
        Stays("3 not by a worker of another name", Queued() with { ForWorker = "edge" }, new Claim(s_now, "k", "west", "kubernetes", 0, null, "north")),
        Stays("3 not by a worker without its labels", Queued() with { ForWorker = "edge", ForLabels = "gpu=true" }, new Claim(s_now, "k", "edge", "kubernetes", 0, null, "north", new Dictionary<string, string> { ["gpu"] = "false" })),
        Moves("3 by a pod of the name that it asks for, with its labels", Queued() with { ForWorker = "edge", ForLabels = "a=b,gpu=true" },
            new Claim(s_now, "k", "edge/a", "kubernetes", 0, null, "north", new Dictionary<string, string> { ["gpu"] = "true", ["a"] = "b", ["more"] = "" }), 3, j => j with
            {
                State = JobState.Claimed, Attempt = 1, ClaimKey = "k", Worker = "edge/a", Executor = "kubernetes", Slot = 0, Cluster = "north", ClaimedAt = s_now, Lease = s_now.AddSeconds(60),
            }),
        Stays("3 not before its time", Queued() with { NotBefore = s_now.AddTicks(1) }, new Claim(s_now, "k", "w", "process", 0, null)),

        // Line 27: what is noted of reports; see BackOffTests for the times.
        Moves("27 notes that it is told to be pending", Running(), new PendingTold(s_now), 27, j => j with { ToldAt = s_now }),
        Stays("27 once", Running() with { ToldAt = Start }, new PendingTold(s_now)),
        Moves("27 again after a failure, when its time has come", Queued() with { ToldAt = Start, ReportAt = s_now, FailedReports = 1 }, new PendingTold(s_now), 27,
            j => j with { ToldAt = s_now, ReportAt = null }),
        Stays("27 not before that", Queued() with { ToldAt = Start, ReportAt = s_now.AddTicks(1) }, new PendingTold(s_now)),
        Moves("27 the end could not be told", Ended(), new ReportFailed(s_now, s_now.AddHours(1), OfEnd: true), 27,
            j => j with { ReportAt = s_now.AddHours(1), FailedReports = 1, Archived = true }),
        Moves("27 nor again, sooner than GitHub asks for", Ended() with { FailedReports = 1 }, new ReportFailed(s_now, s_now.AddSeconds(1), OfEnd: true), 27,
            j => j with { ReportAt = s_now.AddSeconds(20), FailedReports = 2, Archived = true }),
        Stays("27 a pending that failed says nothing of the end", Ended(), new ReportFailed(s_now, null, OfEnd: false)),
        Stays("27 nor of an end that is none any more", Running(), new ReportFailed(s_now, null, OfEnd: true)),

        // Lines 5 and 6: a queued job ends at once.
        Moves("5 cancelled", Queued(), new Cancel(s_now, "anna"), 5, j => Over(j, JobOutcome.Cancelled, "anna")),
        Moves("5 by force", Queued(), new Cancel(s_now, "anna", Force: true), 5, j => Over(j, JobOutcome.Cancelled, "anna")),
        Stays("6 waits still", Queued(), new Waited(Start.AddHours(24))),
        Moves("6 waited too long", Queued() with { WaitingSince = s_now, WaitingLimit = TimeSpan.FromSeconds(5), Reason = "lost" }, new Waited(s_now.AddSeconds(6)), 6,
            j => Over(j, JobOutcome.Expired, "waited longer than 00:00:05; lost", s_now.AddSeconds(6))),

        // Line 7: see BackOffTests for the times.
        Stays("7 not before sendAt", Queued(), new SendAgain(Start.AddMinutes(1).AddTicks(-1))),
        Stays("7 not before notBefore", Queued() with { NotBefore = s_now.AddTicks(1) }, new SendAgain(s_now)),

        // Lines 8, 9, 10, 15: what create answered, by attempt only.
        Moves("8 refused", Claimed(), new CreateRefused(s_now, 1, "forbidden"), 8, j => Over(j, JobOutcome.Failed, "forbidden") with { CreateAnswer = "forbidden" }),
        Moves("8 refused and cancelled", Claimed() with { Stop = JobStop.Cancel, StopBy = "anna" }, new CreateRefused(s_now, 1, "forbidden"), 8,
            j => Over(j, JobOutcome.Failed, "forbidden") with { CreateAnswer = "forbidden" }),
        Stays("8 of an older attempt", Claimed() with { Attempt = 2 }, new CreateRefused(s_now, 1, "forbidden")),
        Moves("9 busy", Claimed(), new CreateBusy(s_now, 1, "too many"), 9, j => Again(j, s_now.AddSeconds(10), "too many") with { CreateAnswer = "too many" }),
        Moves("9 keeps the run, and what it lost", Claimed() with { Run = 3, LostClaims = 2 }, new CreateBusy(s_now, 1, "too many"), 9,
            j => Again(j, s_now.AddSeconds(10), "too many") with { CreateAnswer = "too many" }),
        Stays("9 of an older attempt", Claimed() with { Attempt = 2 }, new CreateBusy(s_now, 1, "too many")),
        Moves("15 busy and cancelled", Claimed() with { Stop = JobStop.Cancel, StopBy = "anna" }, new CreateBusy(s_now, 1, "too many"), 15, j => Over(j, JobOutcome.Cancelled, "anna")),
        Stays("15 of an older attempt", Claimed() with { Attempt = 2, Stop = JobStop.Cancel }, new CreateBusy(s_now, 1, "too many")),
        Moves("10 nobody can tell", Claimed(), new CreateUnknown(s_now, 1, "no answer"), 10, j => j with { CreateAnswer = "no answer" }),
        Stays("10 of an older attempt", Claimed() with { Attempt = 2 }, new CreateUnknown(s_now, 1, "no answer")),

        // The same by a registered worker, which starts first: what belonged to the start goes with it.
        Moves("8 refused after the start", StartedOut(), new CreateRefused(s_now, 1, "forbidden"), 8, j => Over(j, JobOutcome.Failed, "forbidden") with { CreateAnswer = "forbidden" }),
        Stays("8 not where the built-in worker's run was seen", Running(), new CreateRefused(s_now, 1, "forbidden")),
        Moves("9 busy after the start", StartedOut() with { Attempt = 3, LostClaims = 2 }, new CreateBusy(s_now, 3, "too many"), 9,
            j => Again(j, s_now.AddSeconds(40), "too many") with { CreateAnswer = "too many" }),
        Stays("9 not where the built-in worker's run was seen", Running(), new CreateBusy(s_now, 1, "too many")),
        Stays("9 busy, while it is stopped by the pending limit", StartedOut() with { Stop = JobStop.PendingLimit }, new CreateBusy(s_now, 1, "too many")),
        Moves("15 busy after the start, and cancelled", StartedOut() with { Stop = JobStop.Cancel, StopBy = "anna" }, new CreateBusy(s_now, 1, "too many"), 15,
            j => Over(j, JobOutcome.Cancelled, "anna")),
        Moves("9 handed back", ClaimedOut() with { Attempt = 2 }, new HandedBack(s_now, 2), 9, j => Again(j, s_now.AddSeconds(20), "edge/a handed it back")),
        Moves("15 handed back and cancelled", ClaimedOut() with { Stop = JobStop.Cancel, StopBy = "anna" }, new HandedBack(s_now, 1), 15, j => Over(j, JobOutcome.Cancelled, "anna")),
        Stays("9 handed back, once started", StartedOut(), new HandedBack(s_now, 1)),
        Stays("9 handed back by the built-in worker", Claimed(), new HandedBack(s_now, 1)),
        Stays("9 handed back of an older attempt", ClaimedOut() with { Attempt = 2 }, new HandedBack(s_now, 1)),

        // Line 12: who may create, and from when on its run is surely over.
        Moves("12 starts", ClaimedOut(), new StartAsked(StartedAt, 1, "key", Anew: false), 12, Started),
        Moves("12 starts, in the lease's last instant", ClaimedOut(), new StartAsked(Lease.AddTicks(-1), 1, "key", Anew: false), 12, j => Started(j, Lease.AddTicks(-1))),
        Moves("12 starts, and found no run before", ClaimedOut(), new StartAsked(StartedAt, 1, "key", Anew: true), 12, Started),
        Moves("12 a pod with a long grace has longer to end", ClaimedOut() with { ExtraGrace = TimeSpan.FromSeconds(90) }, new StartAsked(StartedAt, 1, "key", Anew: false), 12,
            j => Started(j) with { Takeover = StartedAt.AddHours(1).AddSeconds(150) }),
        Stays("12 not with a lease that is past", ClaimedOut(), new StartAsked(Lease, 1, "key", Anew: false)),
        Stays("12 not with another key", ClaimedOut(), new StartAsked(StartedAt, 1, "other key", Anew: false)),
        Stays("12 not of an older attempt", ClaimedOut() with { Attempt = 2 }, new StartAsked(StartedAt, 1, "key", Anew: false)),
        Stays("12 not while it is being cancelled", ClaimedOut() with { Stop = JobStop.Cancel }, new StartAsked(StartedAt, 1, "key", Anew: false)),
        Stays("12 not by the built-in worker", Claimed(), new StartAsked(StartedAt, 1, "key", Anew: false)),
        Moves("12 anew, 30 s after the former start", StartedOut(), new StartAsked(StartedAt.AddSeconds(30), 1, "key", Anew: true), 12, j => Started(j, StartedAt.AddSeconds(30))),
        Stays("12 anew, not before", StartedOut(), new StartAsked(StartedAt.AddSeconds(30).AddTicks(-1), 1, "key", Anew: true)),
        Stays("12 a start that comes twice", StartedOut(), new StartAsked(StartedAt.AddSeconds(30), 1, "key", Anew: false)),
        Stays("12 anew, with another key", StartedOut(), new StartAsked(StartedAt.AddSeconds(30), 1, "other key", Anew: true)),
        Stays("12 anew, with a lease that is past", StartedOut(), new StartAsked(StartedAt.AddSeconds(60), 1, "key", Anew: true)),
        Stays("12 anew, while it is being stopped", StartedOut() with { Stop = JobStop.Cancel }, new StartAsked(StartedAt.AddSeconds(30), 1, "key", Anew: true)),
        Stays("12 anew, of an older attempt", StartedOut() with { Attempt = 2 }, new StartAsked(StartedAt.AddSeconds(30), 1, "key", Anew: true)),

        // Line 11.
        Moves("11 seen", Claimed(), new RunSeen(s_now, View()), 11, j => j with
        {
            State = JobState.Running, RunUid = "seen-uid", StartedAt = ClaimedAt.AddSeconds(3), SeenAt = s_now, Pods = 2,
        }),
        Moves("11 seen, its start unknown", Claimed(), new RunSeen(s_now, View() with { StartedAt = null }), 11, j => j with
        {
            State = JobState.Running, RunUid = "seen-uid", StartedAt = s_now, SeenAt = s_now, Pods = 2,
        }),
        Moves("11 seen while being stopped", Claimed() with { Stop = JobStop.Cancel }, new RunSeen(s_now, View()), 11, j => j with
        {
            State = JobState.Running, RunUid = "seen-uid", StartedAt = ClaimedAt.AddSeconds(3), SeenAt = s_now, Pods = 2,
        }),
        Stays("11 of the run before", Claimed() with { Run = 2 }, new RunSeen(s_now, View(run: 1))),

        // Line 13: a stop is a mark; slots stay until the run is gone.
        Moves("13 cancels a claimed one", Claimed(), new Cancel(s_now, "anna"), 13, j => j with { Stop = JobStop.Cancel, StopBy = "anna" }),
        Moves("13 cancels a running one", Running(), new Cancel(s_now, "anna"), 13, j => j with { Stop = JobStop.Cancel, StopBy = "anna" }),
        Moves("13 force begins with a stop", Running(), new Cancel(s_now, "anna", Force: true), 13, j => j with { Stop = JobStop.Cancel, StopBy = "anna" }),
        Moves("13 cancel over pending limit", Running() with { Stop = JobStop.PendingLimit, StopBy = "pending limit" }, new Cancel(s_now, "anna"), 13,
            j => j with { Stop = JobStop.Cancel, StopBy = "anna" }),
        Stays("13 cancelled already", Running() with { Stop = JobStop.Cancel }, new Cancel(s_now, "anna")),
        Moves("13 pending limit", Running(), new ImagesMissing(s_now, 1, "ImagePullBackOff"), 13,
            j => j with { Stop = JobStop.PendingLimit, StopBy = "pending limit", Reason = "ImagePullBackOff" }),
        Stays("13 pending limit not over cancel", Running() with { Stop = JobStop.Cancel }, new ImagesMissing(s_now, 1, "ImagePullBackOff")),
        Stays("13 pending limit, once", Running() with { Stop = JobStop.PendingLimit }, new ImagesMissing(s_now, 1, "ImagePullBackOff")),
        Stays("13 pending limit of the run before", Running() with { Run = 2 }, new ImagesMissing(s_now, 1, "ImagePullBackOff")),

        // Line 25: force, once the lease is past.
        Moves("25 claimed", Claimed() with { Stop = JobStop.Cancel }, new Cancel(Lease, "anna", Force: true), 25, j => Over(j, JobOutcome.Cancelled, "may still be running", Lease)),
        Moves("25 running", Running() with { Stop = JobStop.Cancel }, new Cancel(Lease, "anna", Force: true), 25, j => Over(j, JobOutcome.Cancelled, "may still be running", Lease)),
        Stays("25 not without force", Running() with { Stop = JobStop.Cancel }, new Cancel(Lease, "anna")),
        Stays("25 not before the lease is past", Running() with { Stop = JobStop.Cancel }, new Cancel(Lease.AddTicks(-1), "anna", Force: true)),

        // Lines 14, 15, 16, 22: a claim that never started.
        Moves("14 at once", Claimed(), new RunAbsent(Lease, 1, Up: true), 14, j => Again(j, Lease, "a claim was lost before it started") with { LostClaims = 1 }),
        Moves("14 keeps run, answer and waiting", Claimed() with { Run = 2, LostClaims = 4, CreateAnswer = "cut off" }, new RunAbsent(s_now, 1, Up: true), 14,
            j => Again(j, s_now.AddMinutes(8), "a claim was lost before it started") with { LostClaims = 5 }),
        Moves("14 just below six days", Claimed(), new RunAbsent(Lease + s_sixDays - TimeSpan.FromTicks(1), 1, Up: true), 14,
            j => Again(j, Lease + s_sixDays - TimeSpan.FromTicks(1), "a claim was lost before it started") with { LostClaims = 1 }),
        Stays("14 lease not past", Claimed(), new RunAbsent(Lease.AddTicks(-1), 1, Up: true)),
        Stays("14 not up", Claimed(), new RunAbsent(s_now, 1, Up: false)),
        Stays("14 of the claim before", Claimed() with { Attempt = 2 }, new RunAbsent(s_now, 1, Up: true)),
        Moves("15 absent and cancelled", Claimed() with { Stop = JobStop.Cancel, StopBy = "anna" }, new RunAbsent(s_now, 1, Up: true), 15, j => Over(j, JobOutcome.Cancelled, "anna")),
        Moves("15 however long past", Claimed() with { Stop = JobStop.Cancel, StopBy = "anna", LostClaims = 5 }, new RunAbsent(Lease.AddDays(30), 1, Up: true), 15,
            j => Over(j, JobOutcome.Cancelled, "anna", Lease.AddDays(30))),
        Stays("15 not up", Claimed() with { Stop = JobStop.Cancel }, new RunAbsent(s_now, 1, Up: false)),
        Stays("15 lease not past", Claimed() with { Stop = JobStop.Cancel }, new RunAbsent(Lease.AddTicks(-1), 1, Up: true)),
        Moves("16 the sixth", Claimed() with { LostClaims = 5 }, new RunAbsent(s_now, 1, Up: true), 16, j => Over(j, JobOutcome.Failed, "never started")),
        Moves("16 says what create answered", Claimed() with { LostClaims = 5, CreateAnswer = "cut off" }, new RunAbsent(s_now, 1, Up: true), 16,
            j => Over(j, JobOutcome.Failed, "never started: cut off")),
        Stays("16 not up", Claimed() with { LostClaims = 5 }, new RunAbsent(s_now, 1, Up: false)),
        Moves("22 claimed, six days past", Claimed(), new RunAbsent(Lease + s_sixDays, 1, Up: true), 22, j => Over(j, JobOutcome.Lost, "nobody saw whether it ran", Lease + s_sixDays)),
        Moves("22 claimed, six days past, the last claim", Claimed() with { LostClaims = 5 }, new RunAbsent(Lease + s_sixDays, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "nobody saw whether it ran", Lease + s_sixDays)),
        Moves("22 claimed, retried", Claimed() with { OnLost = OnLost.Retry, Retries = 1, LostClaims = 3 }, new RunAbsent(Lease + s_sixDays, 1, Up: true), 22,
            j => NextRun(j, Lease + s_sixDays, "lost")),
        Moves("22 claimed, no retry left", Claimed() with { OnLost = OnLost.Retry, Retries = 1, Run = 2 }, new RunAbsent(Lease + s_sixDays, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "nobody saw whether it ran", Lease + s_sixDays)),

        // The same of a registered worker that never started: the times decide.
        Moves("14 never started", ClaimedOut(), new RunAbsent(Lease, 1, Up: true), 14,
            j => Again(j, Lease, "a claim was lost before it started") with { LostClaims = 1 }),
        Stays("14 not once it has started", StartedOut(), new RunAbsent(s_past, 1, Up: true)),
        Moves("15 never started, and cancelled", ClaimedOut() with { Stop = JobStop.Cancel, StopBy = "anna" }, new RunAbsent(Lease, 1, Up: true), 15,
            j => Over(j, JobOutcome.Cancelled, "anna", Lease)),
        Moves("16 six workers never started", ClaimedOut() with { LostClaims = 5 }, new RunAbsent(s_now, 1, Up: true), 16, j => Over(j, JobOutcome.Failed, "never started")),
        Moves("22 never started, six days past", ClaimedOut(), new RunAbsent(Lease + s_sixDays, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "nobody saw whether it ran", Lease + s_sixDays)),

        // Lines 22 and 25: a started one, once whatever runs where its worker is has met its deadline.
        Moves("22 its worker did not return", StartedOut(), new TakeoverPast(s_past, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "edge/a did not return before its run's deadline", s_past)),
        Moves("22 its worker did not return, retried", StartedOut() with { OnLost = OnLost.Retry, Retries = 1 }, new TakeoverPast(s_past, 1, Up: true), 22, j => NextRun(j, s_past, "lost")),
        Moves("22 its worker did not return, no retry left", StartedOut() with { OnLost = OnLost.Retry, Retries = 1, Run = 2 }, new TakeoverPast(s_past, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "edge/a did not return before its run's deadline", s_past)),
        Moves("22 its worker did not return, nor did its images come", StartedOut() with { Retries = 1, Stop = JobStop.PendingLimit }, new TakeoverPast(s_past, 1, Up: true), 22,
            j => Over(j, JobOutcome.Lost, "edge/a did not return before its run's deadline", s_past)),
        Stays("22 it may still be running there", StartedOut(), new TakeoverPast(s_past.AddTicks(-1), 1, Up: true)),
        Stays("22 its worker silent, and the observer not up", StartedOut(), new TakeoverPast(s_past, 1, Up: false)),
        Stays("22 of the claim before it returned", StartedOut() with { Attempt = 2 }, new TakeoverPast(s_past, 1, Up: true)),
        Stays("22 no takeover time is the built-in worker's", Running(), new TakeoverPast(s_past, 1, Up: true)),
        Moves("25 its worker did not return, and it is cancelled", StartedOut() with { Stop = JobStop.Cancel, OnLost = OnLost.Retry, Retries = 1 }, new TakeoverPast(s_past, 1, Up: true), 25,
            j => Over(j, JobOutcome.Cancelled, "may still be running", s_past)),
        Stays("25 cancelled, and it may still be running there", StartedOut() with { Stop = JobStop.Cancel }, new TakeoverPast(s_past.AddTicks(-1), 1, Up: true)),
        Stays("25 cancelled, and the observer not up", StartedOut() with { Stop = JobStop.Cancel }, new TakeoverPast(s_past, 1, Up: false)),
        Moves("25 a silent worker's, by force", StartedOut() with { Stop = JobStop.Cancel }, new Cancel(StartedAt.AddSeconds(60), "anna", Force: true), 25,
            j => Over(j, JobOutcome.Cancelled, "may still be running", StartedAt.AddSeconds(60))),
        Stays("25 not by force while its worker renews", StartedOut() with { Stop = JobStop.Cancel }, new Cancel(StartedAt.AddSeconds(59), "anna", Force: true)),

        // Line 23: a lease, however late, and nothing else.
        Moves("23 renewed", StartedOut(), new Renewed(s_now, 1), 23, j => j with { Lease = s_now.AddSeconds(60) }),
        Moves("23 renewed, with progress", StartedOut(), new Renewed(s_now, 1, "almost done"), 23, j => j with { Lease = s_now.AddSeconds(60), Progress = "almost done" }),
        Moves("23 renewed, long after its lease", StartedOut(), new Renewed(s_past.AddHours(9), 1), 23, j => j with { Lease = s_past.AddHours(9).AddSeconds(60) }),
        Moves("23 renewed, and told of its stop", StartedOut() with { Stop = JobStop.Cancel }, new Renewed(s_now, 1), 23, j => j with { Lease = s_now.AddSeconds(60) }),
        Stays("23 not before the start", ClaimedOut(), new Renewed(s_now, 1)),
        Stays("23 not by the built-in worker", Running(), new Renewed(s_now, 1)),
        Stays("23 not of an older attempt", StartedOut() with { Attempt = 2 }, new Renewed(s_now, 1)),

        // Line 24: the same run goes on under another claim.
        Moves("24 returns as a new process, with the slot it has", StartedOut(), new Returned(s_now, "edge/a", "north", "new key", 7), 24, j => j with
        {
            Attempt = 2, ClaimKey = "new key", Lease = s_now.AddSeconds(60),
        }),
        Moves("24 another pod comes for a silent one", StartedOut(), new Returned(StartedAt.AddSeconds(60), "edge/b", "north", "new key", 7), 24, j => j with
        {
            Attempt = 2, ClaimKey = "new key", Worker = "edge/b", Slot = 7, Lease = StartedAt.AddSeconds(120),
        }),
        Moves("24 returns to be told of its stop", StartedOut() with { Stop = JobStop.Cancel }, new Returned(s_now, "edge/a", "north", "new key", 7), 24, j => j with
        {
            Attempt = 2, ClaimKey = "new key", Lease = s_now.AddSeconds(60),
        }),
        Stays("24 another pod, while the first is not silent", StartedOut(), new Returned(StartedAt.AddSeconds(60).AddTicks(-1), "edge/b", "north", "new key", 7)),
        Stays("24 another name", StartedOut(), new Returned(s_past, "edges/a", "north", "new key", 7)),
        Stays("24 another cluster", StartedOut(), new Returned(s_past, "edge/a", "south", "new key", 7)),
        Stays("24 the same process, asking twice", StartedOut(), new Returned(s_past, "edge/a", "north", "key", 7)),
        Stays("24 the same process, which has claimed it itself", StartedOut() with { ClaimKey = "process--1" }, new Returned(s_past, "edge/a", "north", "process--2", 7)),
        Stays("24 another process was faster", StartedOut(), new Returned(s_now, "edge/a", "north", "new key", 7, StartedOut().Attempt - 1)),
        Stays("24 a claim that was not started is for anyone", ClaimedOut(), new Returned(Lease, "edge/a", "north", "new key", 7)),
        Stays("24 the built-in worker's job", Running(), new Returned(s_past, Claiming.Worker, "north", "new key", 7)),

        // Line 17: a success stands, whatever was asked for meanwhile.
        Moves("17 claimed", Claimed(), Succeeded(), 17, j => Over(Seen(j), JobOutcome.Succeeded, null) with { ExitCode = 0, StartedAt = ClaimedAt.AddSeconds(3) }),
        Moves("17 running", Running(), Succeeded(), 17, j => Over(Seen(j), JobOutcome.Succeeded, null) with { ExitCode = 0 }),
        Moves("17 although cancelled", Running() with { Stop = JobStop.Cancel, StopBy = "anna" }, Succeeded(), 17, j => Over(Seen(j), JobOutcome.Succeeded, null) with { ExitCode = 0 }),
        Moves("17 the image came at last", Running() with { Stop = JobStop.PendingLimit, Reason = "ImagePullBackOff" }, Succeeded(), 17,
            j => Over(Seen(j), JobOutcome.Succeeded, null) with { ExitCode = 0 }),
        Stays("17 of the run before", Running() with { Run = 2 }, Succeeded()),

        // Lines 18, 19, 20: over.
        Moves("18 the next run", Running() with { Retries = 1, LostClaims = 4 }, Failed(), 18, j => NextRun(j, s_now, "exit code 3")),
        Moves("18 from claimed", Claimed() with { Retries = 1, CreateAnswer = "cut off" }, Failed(), 18, j => NextRun(j, s_now, "exit code 3")),
        Moves("18 the last retry", Running() with { Retries = 2, Run = 2 }, Failed(2), 18, j => NextRun(j, s_now, "exit code 3", wait: 20)),
        Moves("18 over the pending limit", Running() with { Retries = 1, Stop = JobStop.PendingLimit, Reason = "ImagePullBackOff" }, Failed(), 18,
            j => NextRun(j, s_now, "ImagePullBackOff")),
        Moves("18 gone by the pending limit", Running() with { Retries = 1, Stop = JobStop.PendingLimit, Reason = "ImagePullBackOff" }, new RunGone(s_now, 1, JustSeen: true), 18,
            j => NextRun(j, s_now, "ImagePullBackOff")),
        Moves("19 no retries", Running(), Failed(), 19, j => Over(Seen(j), JobOutcome.Failed, "exit code 3") with { ExitCode = 3 }),
        Moves("19 from claimed", Claimed(), Failed(), 19, j => Over(Seen(j), JobOutcome.Failed, "exit code 3") with { ExitCode = 3, StartedAt = ClaimedAt.AddSeconds(3) }),
        Moves("19 none left", Running() with { Retries = 1, Run = 2 }, Failed(2), 19, j => Over(Seen(j), JobOutcome.Failed, "exit code 3") with { ExitCode = 3 }),
        Moves("19 with the reason of the outside world", Running(), new RunFailed(s_now, View(RunPhase.Failed) with { Reason = "DeadlineExceeded" }), 19,
            j => Over(Seen(j), JobOutcome.Failed, "DeadlineExceeded")),
        Moves("19 with its message", Running(), new RunFailed(s_now, View(RunPhase.Failed) with { Reason = "Evicted", Message = "out of memory", ExitCode = 137 }), 19,
            j => Over(Seen(j), JobOutcome.Failed, "Evicted: out of memory") with { ExitCode = 137 }),
        Moves("19 gone by the pending limit", Running() with { Stop = JobStop.PendingLimit, Reason = "ImagePullBackOff" }, new RunGone(s_now, 1, JustSeen: true), 19,
            j => Over(j, JobOutcome.Failed, "ImagePullBackOff")),
        Stays("19 of the run before", Running() with { Run = 2 }, Failed(1)),
        Moves("20 failed", Running() with { Retries = 5, Stop = JobStop.Cancel, StopBy = "anna" }, Failed(), 20, j => Over(Seen(j), JobOutcome.Cancelled, "anna") with { ExitCode = 3 }),
        Moves("20 from claimed", Claimed() with { Stop = JobStop.Cancel, StopBy = "anna" }, Failed(), 20,
            j => Over(Seen(j), JobOutcome.Cancelled, "anna") with { ExitCode = 3, StartedAt = ClaimedAt.AddSeconds(3) }),
        Moves("20 gone", Running() with { Retries = 5, OnLost = OnLost.Retry, Stop = JobStop.Cancel, StopBy = "anna" }, new RunGone(s_now, 1, JustSeen: true), 20,
            j => Over(j, JobOutcome.Cancelled, "anna")),
        Stays("20 of the run before", Running() with { Run = 2, Stop = JobStop.Cancel }, new RunGone(s_now, 1, JustSeen: true)),

        // Lines 17 to 22 by a registered worker's report.
        Moves("17 reported", StartedOut(), new RunSucceeded(s_now, View(RunPhase.Succeeded) with { ExitCode = 0 }, 1), 17, j => Over(Seen(j), JobOutcome.Succeeded, null) with { ExitCode = 0 }),
        Moves("17 reported, after its lease and its takeover time, and nothing decided since", StartedOut(),
            new RunSucceeded(s_past.AddDays(1), View(RunPhase.Succeeded) with { ExitCode = 0 }, 1), 17, j => Over(Seen(j), JobOutcome.Succeeded, null, s_past.AddDays(1)) with { ExitCode = 0 }),
        Stays("17 reported of the run before", StartedOut() with { Run = 2 }, new RunSucceeded(s_now, View(RunPhase.Succeeded), 1)),
        Moves("18 reported", StartedOut() with { Retries = 1 }, Failed() with { Attempt = 1 }, 18, j => NextRun(j, s_now, "exit code 3")),
        Moves("18 reported gone by the pending limit", StartedOut() with { Retries = 1, Stop = JobStop.PendingLimit, Reason = "ImagePullBackOff" }, new RunGone(s_now, 1, true, 1), 18,
            j => NextRun(j, s_now, "ImagePullBackOff")),
        Moves("19 reported", StartedOut(), Failed() with { Attempt = 1 }, 19, j => Over(Seen(j), JobOutcome.Failed, "exit code 3") with { ExitCode = 3 }),
        Moves("20 reported", StartedOut() with { Retries = 1, Stop = JobStop.Cancel, StopBy = "anna" }, Failed() with { Attempt = 1 }, 20,
            j => Over(Seen(j), JobOutcome.Cancelled, "anna") with { ExitCode = 3 }),
        Moves("20 reported gone", StartedOut() with { Stop = JobStop.Cancel, StopBy = "anna" }, new RunGone(s_now, 1, true, 1), 20, j => Over(j, JobOutcome.Cancelled, "anna")),
        Moves("21 reported deleted", StartedOut(), new RunGone(s_now, 1, JustSeen: true, 1), 21, j => Over(j, JobOutcome.Cancelled, "deleted in the cluster")),
        Moves("22 reported gone, by one who had not seen it", StartedOut(), new RunGone(s_now, 1, JustSeen: false, 1), 22,
            j => Over(j, JobOutcome.Lost, "its run vanished, and nobody saw its end")),
        Moves("13 reported: its images do not come", StartedOut(), new ImagesMissing(s_now, 1, "ImagePullBackOff", 1), 13,
            j => j with { Stop = JobStop.PendingLimit, StopBy = "pending limit", Reason = "ImagePullBackOff" }),

        // Lines 21 and 22: gone, and nobody asked for it.
        Moves("21 deleted a moment ago", Running() with { Retries = 5, OnLost = OnLost.Retry }, new RunGone(s_now, 1, JustSeen: true), 21,
            j => Over(j, JobOutcome.Cancelled, "deleted in the cluster")),
        Moves("22 running", Running() with { Retries = 5 }, new RunGone(s_now, 1, JustSeen: false), 22, j => Over(j, JobOutcome.Lost, "its run vanished, and nobody saw its end")),
        Moves("22 running, retried", Running() with { OnLost = OnLost.Retry, Retries = 1 }, new RunGone(s_now, 1, JustSeen: false), 22, j => NextRun(j, s_now, "lost")),
        Moves("22 running, no retry left", Running() with { OnLost = OnLost.Retry, Retries = 1, Run = 2 }, new RunGone(s_now, 2, JustSeen: false), 22,
            j => Over(j, JobOutcome.Lost, "its run vanished, and nobody saw its end")),
        Stays("22 of the run before", Running() with { Run = 2 }, new RunGone(s_now, 1, JustSeen: false)),
    ];

    private static Row Moves(string name, Job from, JobEvent happened, int line, Func<Job, Job> to) => new(name, from, happened, line, to);

    private static Row Stays(string name, Job from, JobEvent happened) => new(name, from, happened, null, null);

    private static RunSucceeded Succeeded() => new(s_now, View(RunPhase.Succeeded) with { ExitCode = 0 });

    private static RunFailed Failed(int run = 1) => new(s_now, View(RunPhase.Failed, run) with { Reason = "Error", ExitCode = 3 });

    private static JobEvent Reported(JobEvent happened, int attempt) => happened switch
    {
        RunSucceeded e => e with { Attempt = attempt },
        RunFailed e => e with { Attempt = attempt },
        RunGone e => e with { Attempt = attempt },
        ImagesMissing e => e with { Attempt = attempt },
        ClaimEvent e => e with { Attempt = attempt },
        _ => happened,
    };

    private static Job Started(Job job) => Started(job, StartedAt);

    private static Job Started(Job job, DateTimeOffset at) => job with
    {
        State = JobState.Running,
        StartedAt = at,
        Lease = at.AddSeconds(60),
        Takeover = at.AddHours(1).AddSeconds(60),
    };

    private static Job WithoutSlots(Job job) => job with { Slot = null, GroupSlot = null, Lease = null, Takeover = null, ClaimKey = null };

    private static Job Over(Job job, JobOutcome outcome, string? reason, DateTimeOffset? at = null) =>
        WithoutSlots(job) with { State = JobState.Ended, Outcome = outcome, EndedAt = at ?? s_now, Reason = reason };

    private static Job Again(Job job, DateTimeOffset at, string reason) => WithoutSlots(job) with
    {
        State = JobState.Queued,
        NotBefore = at,
        SendAt = at,
        Reason = reason,
        Cluster = null,
        Progress = null,
        RunUid = null,
        StartedAt = null,
        SeenAt = null,
        Pods = 0,
    };

    private static Job NextRun(Job job, DateTimeOffset now, string reason, int wait = 10) => Again(job, now.AddSeconds(wait), reason) with
    {
        Run = job.Run + 1,
        Stop = JobStop.None,
        StopBy = null,
        LostClaims = 0,
        WaitingSince = now,
        CreateAnswer = null,
    };

    private static Job Seen(Job job) => job with { RunUid = "seen-uid", Pods = 2 };
}

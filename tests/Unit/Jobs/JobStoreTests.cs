using System.Net;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Tests.Unit.Storage;
using static Pushcart.Tests.Unit.Jobs.GivenJob;

namespace Pushcart.Tests.Unit.Jobs;

/// <summary>A conflict is a question: what the row says now decides.</summary>
public sealed class JobStoreTests
{
    private static readonly DateTimeOffset s_now = Lease.AddSeconds(1);

    public static TheoryData<string> OfRun1 => ["failed", "gone", "images", "succeeded"];

    [Theory]
    [MemberData(nameof(OfRun1))]
    public async Task What_was_seen_of_run_1_does_nothing_to_run_2_that_began_meanwhile(string name)
    {
        // A slow pass of Observe: another one has ended run 1, and run 2 was claimed and seen, before this one writes.
        var before = Running() with { Retries = 3, OnLost = OnLost.Retry };
        var now = before with { Attempt = 2, Run = 2, ETag = Version(9) };
        JobEvent happened = name switch
        {
            "failed" => new RunFailed(s_now, View(RunPhase.Failed)),
            "gone" => new RunGone(s_now, 1, JustSeen: false),
            "images" => new ImagesMissing(s_now, 1, "ImagePullBackOff"),
            _ => new RunSucceeded(s_now, View(RunPhase.Succeeded)),
        };
        var storage = Stored(now, FakeStorage.Conflict(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied", 0));

        var answer = await Store(storage).ApplyAsync(before, happened, null, default);

        Assert.Equal((Applied.Nothing, 2), (answer.Result, answer.Job!.Run));
        Assert.Single(storage.Requests, IsWrite);
    }

    [Fact]
    public async Task An_absence_seen_under_claim_1_does_nothing_to_claim_2_whatever_the_clocks_say()
    {
        var before = Claimed();
        var now = before with { Attempt = 2, ClaimKey = "second", ETag = Version(9) };
        var storage = Stored(now, FakeStorage.Conflict(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied", 0));

        var answer = await Store(storage).ApplyAsync(before, new RunAbsent(s_now, 1, Up: true), null, default);

        Assert.Equal((Applied.Nothing, 2), (answer.Result, answer.Job!.Attempt));
        Assert.Single(storage.Requests, IsWrite);
    }

    [Fact]
    public async Task A_line_that_still_applies_is_written_on_the_newer_version()
    {
        // Between read and write somebody cancelled it: the failure of its run now ends it as cancelled.
        var before = Running() with { Retries = 3 };
        var now = before with { Stop = JobStop.Cancel, StopBy = "anna", ETag = Version(9) };
        var tries = 0;
        var storage = Stored(now, () => tries++ == 0
            ? FakeStorage.Conflict(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied", 0)
            : FakeStorage.Written("W/\"10\"", "W/\"\"", "W/\"\""));

        var answer = await Store(storage).ApplyAsync(before, new RunFailed(s_now, View(RunPhase.Failed)), null, default);

        Assert.Equal((Applied.Changed, JobOutcome.Cancelled, "anna"), (answer.Result, answer.Job!.Outcome, answer.Job.Reason));
        Assert.Contains("If-Match: W/\"9\"", storage.Requests.Last(IsWrite).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_write_whose_answer_was_lost_is_known_by_what_it_wrote()
    {
        var claim = new Claim(s_now, "our key", Claiming.Worker, "process", 3, null);
        var ours = new Transitions(new()).Find(Queued(), claim)!.Value.Next with { ETag = Version(9) };
        var storage = Stored(ours, FakeStorage.Conflict(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied", 0));

        var answer = await Store(storage).ApplyAsync(Queued(), claim, null, default);

        Assert.Equal(new(Applied.Changed, ours), answer);
    }

    [Fact]
    public async Task A_slot_that_is_taken_is_told_where_the_job_is_as_it_was()
    {
        var storage = Stored(Queued(), FakeStorage.Conflict(HttpStatusCode.Conflict, "EntityAlreadyExists", 1));

        var answer = await Store(storage).ApplyAsync(Queued(), new Claim(s_now, "k", Claiming.Worker, "process", 3, null), null, default);

        Assert.Equal(Applied.SlotTaken, answer.Result);
        Assert.Single(storage.Requests, IsWrite);
    }

    [Fact]
    public async Task A_row_that_is_gone_is_missing()
    {
        var storage = Stored(null, FakeStorage.Conflict(HttpStatusCode.NotFound, "ResourceNotFound", 0));

        Assert.Equal(new(Applied.Missing, null), await Store(storage).ApplyAsync(Running(), new RunGone(s_now, 1, false), null, default));
    }

    [Fact]
    public async Task Only_another_commit_of_the_same_branch_supersedes()
    {
        var newer = Queued() with { Id = JobId.New(s_now, new SeededChance(9)), Commit = new string('b', 40) };
        Job[] there =
        [
            Queued("01kf5s8v3v0000000000") with { Commit = new string('a', 40) },
            Running("01kf5s8v3v0000000001") with { Commit = new string('a', 40) },
            Running("01kf5s8v3v0000000002") with { Commit = newer.Commit },
            Queued("01kf5s8v3v0000000003") with { ReferenceType = ReferenceType.Tag },
            Queued("01kf5s8v3v0000000004") with { SourceKind = ResourceKind.ClusterGitRepo },
            Running("01kf5s8v3v0000000005") with { Stop = JobStop.Cancel },
            Queued("01kf5s8v3v0000000006") with { Commit = new string('a', 40), Cause = "manual anna" },
            Queued("01kf5s8v3v0000000007") with { Commit = new string('a', 40), TriggerUid = null, RerunOf = "01kf5s8v3v0000000000" },
        ];
        var storage = new FakeStorage(_ => FakeStorage.Rows(there.Select(ToRow)));

        var changes = await Store(storage).SupersedeAsync(newer, s_now, default);

        Assert.Equal(["job|01kf5s8v3v0000000000", "job|01kf5s8v3v0000000001"], changes.Select(c => c.Row.RowKey));
        Assert.Equal(("Ended", "Running"), (changes[0].Row["state"], changes[1].Row["state"]));
        Assert.Equal($"superseded by {newer.Id}", changes[1].Row["stopBy"]);
        Assert.Contains("triggerUid eq 'trigger-uid' and sourceName eq 'app' and referenceName eq 'main'", storage.Requests[0].Address, StringComparison.Ordinal);
    }

    private static JobStore Store(FakeStorage storage) => new(storage.Table, new(new JobSettings()), NullLogger<JobStore>.Instance);

    private static bool IsWrite(FakeRequest request) => request.Method != HttpMethod.Get;

    private static bool IsBatch(FakeRequest request) => request.Address.Contains("$batch", StringComparison.Ordinal);

    private static FakeStorage Stored(Job? job, HttpResponseMessage write) => Stored(job, () => write);

    // The job's row as it is now, and slots that are always this job's.
    private static FakeStorage Stored(Job? job, Func<HttpResponseMessage> write) => new(request => IsWrite(request) ? IsBatch(request) ? write() : FakeStorage.Error(HttpStatusCode.PreconditionFailed, "UpdateConditionNotSatisfied")
        : request.Address.Contains("'job|", StringComparison.Ordinal) ? FakeStorage.Row(job is null ? null : ToRow(job))
        : FakeStorage.Row(ToSlot(request.Address.Split("RowKey='")[1].Split('\'')[0])));

    private static TableEntity ToRow(Job job)
    {
        var row = JobRow.New(job);
        row.ETag = job.ETag;
        return row;
    }

    private static TableEntity ToSlot(string key)
    {
        var row = Slot.New(key, Running());
        row.ETag = new("W/\"slot\"");
        return row;
    }
}

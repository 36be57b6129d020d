using System.Reflection;
using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class JobRowTests
{
    private static readonly PropertyInfo[] s_properties = [.. typeof(Job).GetProperties().Where(p => p.CanWrite)];

    [Fact]
    public void Every_property_comes_back()
    {
        var job = Filled();
        var other = GivenJob.Queued("00000000000000000000");
        Assert.DoesNotContain(s_properties, p => p.Name != nameof(Job.ETag) && Equals(p.GetValue(job), p.GetValue(other)));

        Assert.Equal(job, JobRow.Read(Stored(JobRow.New(job), job)));
    }

    [Fact]
    public void What_is_not_there_stays_out_of_a_new_row_and_comes_back_as_null()
    {
        var job = GivenJob.Queued();
        var row = JobRow.New(job);

        Assert.DoesNotContain(row, p => p.Value is null or "");
        Assert.Equal(job, JobRow.Read(Stored(row, job)));
    }

    [Fact]
    public void A_merge_clears_what_went_away_and_leaves_the_snapshots()
    {
        var before = Filled();
        var after = before with { Slot = null, GroupSlot = null, Lease = null, ClaimKey = null, RunUid = null, StopBy = null, ExitCode = null, StartedAt = null, Outcome = null };
        var stored = Stored(JobRow.New(before), before);

        // As the service merges: properties that the change does not name stay.
        var change = JobRow.Merge(after with { Snapshots = null });
        foreach (var (name, value) in change.Row.Where(p => p.Key is not ("odata.etag" or "Timestamp")))
        {
            stored.Remove(name);
            stored[name] = value;
        }

        Assert.Equal((TableTransactionActionType.UpdateMerge, before.ETag), (change.Type, change.ETag));
        Assert.Equal(after, JobRow.Read(stored));
    }

    [Fact]
    public void Enums_are_words_and_durations_seconds()
    {
        var row = JobRow.New(Filled());

        Assert.Equal(("live", "job|" + Filled().Id, 1), (row.PartitionKey, row.RowKey, row["v"]));
        Assert.Equal(("Running", "Lost", "PendingLimit", "Retry", "ClusterAction", "Tag"), (row["state"], row["outcome"], row["stop"], row["onLost"], row["actionKind"], row["referenceType"]));
        Assert.Equal((7200L, 90_000L), (row["deadline"], row["waitingLimit"]));
    }

    [Fact]
    public void A_range_reads_everything_but_the_snapshots()
    {
        var row = JobRow.New(Filled());
        string[] snapshots = ["action", "source", "override", "overrideCommit", "defaults"];

        Assert.Equal(row.Keys.Except(["odata.etag", "Timestamp"]).Except(snapshots).Order(), JobRow.WithoutSnapshots.Order());
        Assert.All(snapshots, name => Assert.Contains(name, row.Keys));
        foreach (var name in snapshots)
        {
            row.Remove(name);
        }

        Assert.Null(JobRow.Read(row).Snapshots);
    }

    [Fact]
    public void A_reason_longer_than_a_property_is_cut()
    {
        var job = GivenJob.Queued() with { Reason = new string('x', Rows.MaximumCharacters + 1) };

        Assert.Equal(new string('x', Rows.MaximumCharacters), JobRow.Read(Stored(JobRow.New(job), job)).Reason);
    }

    private static TableEntity Stored(TableEntity row, Job job) => new(row) { PartitionKey = row.PartitionKey, RowKey = row.RowKey, ETag = job.ETag };

    private static Job Filled() => GivenJob.Running() with
    {
        Outcome = JobOutcome.Lost,
        Attempt = 7,
        Run = 3,
        Stop = JobStop.PendingLimit,
        StopBy = "pending limit",
        LostClaims = 2,
        NotBefore = GivenJob.Start.AddTicks(1234567),
        SendAt = GivenJob.Start.AddMinutes(7),
        SubmittedAt = GivenJob.Start.AddMilliseconds(1),
        WaitingSince = GivenJob.Start.AddMinutes(2),
        EndedAt = GivenJob.Start.AddMinutes(9),
        Reason = "ImagePullBackOff",
        ExitCode = 0,
        CreateAnswer = "no answer",
        Pods = 4,
        Namespace = "other",
        TriggerKind = ResourceKind.GitRepo,
        TriggerName = "hourly",
        TriggerUid = "uid",
        Worker = "edge/a",
        Cluster = "north",
        Takeover = GivenJob.Start.AddHours(3),
        Progress = "half done",
        RerunOf = "01kf5s8v3v0000000000",
        ExtraGrace = TimeSpan.FromSeconds(90),
        Repository = "https://github.com/octo/hello",
        ToldAt = GivenJob.Start.AddSeconds(11),
        ReportAt = GivenJob.Start.AddHours(4),
        FailedReports = 9,
        ForWorker = "north",
        ForLabels = "gpu=true",
        Archived = true,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        SourceKind = ResourceKind.ClusterGitRepo,
        SourceName = "tools",
        ReferenceType = ReferenceType.Tag,
        ReferenceName = "v1",
        Commit = new string('b', 40),
        PreviousCommit = new string('c', 40),
        Cause = "manual",
        ActionKind = ResourceKind.ClusterAction,
        ActionName = "deploy",
        Variables = "{\"GREETING\":\"hello\"}",
        GroupLimit = 5,
        Retries = 6,
        OnLost = OnLost.Retry,
        Deadline = TimeSpan.FromHours(2),
        WaitingLimit = TimeSpan.FromHours(25),
        PendingLimit = TimeSpan.FromSeconds(77),
        Ttl = TimeSpan.FromSeconds(8),
        Snapshots = new("{\"a\":1}", new string('s', Rows.MaximumCharacters + 1), "{\"o\":1}", new string('d', 40), "{}"),
    };
}

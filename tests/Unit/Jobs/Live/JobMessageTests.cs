using System.Text;
using Azure;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Storage;

namespace Pushcart.Tests.Unit.Jobs.Live;

public sealed class JobMessageTests
{
    private static readonly JobSnapshots s_snapshots = new("{}", "{}", null, null, "{}");

    [Fact]
    public void A_message_carries_the_row_and_its_version()
    {
        var job = GivenJob.Queued() with { Snapshots = s_snapshots, Deadline = TimeSpan.FromSeconds(90), PreviousCommit = "b" };

        Assert.Equal((1, job.Id, job), JobMessage.Read(JobMessage.Write(job)));
    }

    [Fact]
    public void A_job_that_was_read_without_snapshots_is_named_only()
    {
        var (version, id, job) = JobMessage.Read(JobMessage.Write(GivenJob.Queued()));

        Assert.Equal((1, GivenJob.Queued().Id, null), (version, id, job));
    }

    [Theory]
    [InlineData(40_000, true)]
    [InlineData(49_152, false)]
    public void A_job_too_large_for_a_message_is_named_only(int characters, bool carried)
    {
        var text = JobMessage.Write(GivenJob.Queued() with { Snapshots = s_snapshots with { Action = new string('x', characters) } });

        Assert.InRange(Encoding.UTF8.GetByteCount(text), 1, MessageQueue.MaximumBytes);
        Assert.Equal(carried, JobMessage.Read(text).Job is not null);
    }

    [Fact]
    public void Base64_is_read_too()
    {
        var job = GivenJob.Queued() with { Snapshots = s_snapshots };
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(JobMessage.Write(job)));

        Assert.Equal(job, JobMessage.Read(text).Job);
        Assert.Equal(job, JobMessage.Read($"  {text}\n").Job);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("abcd")]
    [InlineData("""{"v":1,"id":null}""")]
    [InlineData("""{"v":1,"id":"x"}""")]
    [InlineData("""{"v":"1","id":"01kf5s8v3v0000000000","row":{"state":"Nowhere"}}""")]
    [InlineData("""{"v":1,"id":"01kf5s8v3v0000000000","etag":"W/1","row":{"state":"Nowhere"}}""")]
    public void What_cannot_be_read_is_told_with_the_queues_name(string text) =>
        Assert.Contains("'jobs'", Assert.Throws<InvalidDataException>(() => JobMessage.Read(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"v":2,"id":"01kf5s8v3v0000000000"}""")]
    [InlineData("""{"v":2,"id":"01kf5s8v3v0000000000","etag":"W/1","row":{"state":"Hibernating","of":["a later version"]}}""")]
    [InlineData("""{"v":2,"id":"01kf5s8v3v0000000000","etag":{},"row":7}""")]
    public void A_message_of_a_later_version_is_known_as_such_whatever_its_form(string text) =>
        Assert.Equal((2, "01kf5s8v3v0000000000", null), JobMessage.Read(text));

    [Fact]
    public void The_version_of_the_row_is_no_part_of_the_row() =>
        Assert.Equal(new ETag("W/\"7\""), JobMessage.Read(JobMessage.Write(GivenJob.Queued() with { Snapshots = s_snapshots, ETag = new("W/\"7\"") })).Job!.ETag);
}

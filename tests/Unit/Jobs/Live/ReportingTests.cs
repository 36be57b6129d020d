using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Providers;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Storage;

namespace Pushcart.Tests.Unit.Jobs.Live;

/// <summary>What a provider is told, and when, by passes that archive and report as Observe makes them.</summary>
public sealed class ReportingTests : IDisposable
{
    private const string Repository = "https://github.com/octo/hello";
    private readonly ManualTime _time = new(GivenJob.Start.AddMinutes(1));
    private readonly MemoryStorage _storage;
    private readonly JobStore _jobs;
    private readonly Table _live;
    private readonly History _history;
    private readonly Provider _provider = new();
    private readonly Executor _executor = new();
    private readonly Reporting _reporting;
    private readonly Archiving _archiving;

    public ReportingTests()
    {
        _storage = new(_time);
        (_live, _history) = (_storage.Clients.Table(TableNames.Live), new(_storage.Clients.Table(TableNames.History)));
        _jobs = new(_live, new(new JobSettings()), NullLogger<JobStore>.Instance);
        _reporting = NewReporting();
        _archiving = NewArchiving(_reporting);
    }

    public void Dispose() => _storage.Dispose();

    [Theory]
    [InlineData(JobState.Queued)]
    [InlineData(JobState.Claimed)]
    [InlineData(JobState.Running)]
    public async Task What_is_queued_or_runs_is_told_once_as_pending_for_one_write(JobState state)
    {
        var job = await InsertAsync(GivenJob.In(state));
        _storage.Writes.Clear();

        await PassAsync();
        await PassAsync();

        var report = Assert.Single(_provider.Told);
        Assert.Equal(
            new(Repository, job.Commit, "pushcart/team/nightly", StatusState.Pending, "Queued or running", $"https://pushcart.example.com/api/jobs/{job.Id}"),
            report);
        Assert.Single(_storage.Writes);
    }

    [Fact]
    public async Task The_row_is_noted_before_the_provider_hears_of_it()
    {
        await InsertAsync(GivenJob.Running());
        DateTimeOffset? noted = null;
        _provider.Answer = async _ =>
        {
            noted = (await _jobs.AllAsync(null, default)).Single().ToldAt;
            return ProviderAnswer.Done;
        };

        await PassAsync();

        Assert.Equal(_time.GetUtcNow(), noted);
    }

    [Theory]
    [InlineData(JobOutcome.Succeeded, null, StatusState.Success, "Succeeded after 28 s")]
    [InlineData(JobOutcome.Failed, "exit code 3", StatusState.Failure, "Failed after 28 s with exit code 3")]
    [InlineData(JobOutcome.Cancelled, "anna", StatusState.Error, "Cancelled after 28 s")]
    [InlineData(JobOutcome.Cancelled, "superseded by 01kf", StatusState.Error, "Superseded by a newer commit")]
    [InlineData(JobOutcome.Expired, "waited", StatusState.Error, "Expired: it waited too long")]
    [InlineData(JobOutcome.Lost, "its run vanished", StatusState.Error, "Lost: nobody saw its end")]
    public async Task An_end_is_told_as_what_it_is_without_the_inside(JobOutcome outcome, string? reason, StatusState state, string description)
    {
        await InsertAsync(GivenJob.Ended() with { Outcome = outcome, Reason = reason, ExitCode = outcome == JobOutcome.Failed ? 3 : null });

        await PassAsync();

        Assert.Equal((state, description), (Assert.Single(_provider.Told).State, _provider.Told[0].Description));
        Assert.Empty(await _jobs.AllAsync(null, default));
        Assert.Single((await _history.PageAsync(10, null, default)).Jobs);
    }

    [Fact]
    public async Task Without_PublicUrl_there_is_no_address()
    {
        await InsertAsync(GivenJob.Ended());

        await NewArchiving(NewReporting(url: null)).ArchiveAsync(await _jobs.AllAsync(null, default), reports: true, Until, default);

        Assert.Null(Assert.Single(_provider.Told).TargetUrl);
    }

    [Theory]
    [InlineData("https://gitlab.com/octo/hello", "nightly")]
    [InlineData(null, "nightly")]
    [InlineData(Repository, null)]
    public async Task Nobody_is_told_of_other_repositories_older_jobs_and_jobs_without_a_trigger(string? repository, string? trigger)
    {
        await InsertAsync(GivenJob.Ended() with { Repository = repository, TriggerName = trigger }, asItIs: true);

        await PassAsync();

        Assert.Empty(_provider.Told);
        Assert.Empty(await _jobs.AllAsync(null, default));
    }

    [Fact]
    public async Task An_extra_pass_tells_nothing_and_leaves_what_is_to_be_told()
    {
        await InsertAsync(GivenJob.Ended());
        await InsertAsync(GivenJob.Ended("01kf5s8v3v0000000001") with { Repository = null }, asItIs: true);

        await _archiving.ArchiveAsync(await _jobs.AllAsync(null, default), reports: false, Until, default);

        Assert.Empty(_provider.Told);
        Assert.Equal(Repository, Assert.Single(await _jobs.AllAsync(null, default)).Repository);
    }

    [Fact]
    public async Task A_report_that_fails_keeps_the_ended_row_notes_its_next_try_and_history_is_written_once()
    {
        var job = await InsertAsync(GivenJob.Ended());
        _provider.Answer = _ => Task.FromResult(new ProviderAnswer(ProviderResult.Failed, "down"));

        await PassAsync();
        var row = Assert.Single(await _jobs.AllAsync(null, default));
        Assert.Equal((_time.GetUtcNow().AddSeconds(10), 1, true, JobOutcome.Succeeded), (row.ReportAt, row.FailedReports, row.Archived, row.Outcome));
        Assert.NotNull(await _history.FindAsync(job.Id, default));

        // Until then nothing is read, written or asked.
        _storage.Writes.Clear();
        _time.Advance(TimeSpan.FromSeconds(9));
        await PassAsync();
        Assert.Equal((1, 1), (_provider.Told.Count, _executor.Logs));
        Assert.Empty(_storage.Writes);

        _provider.Answer = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await PassAsync();
        Assert.Equal((2, 1), (_provider.Told.Count, _executor.Logs));
        Assert.Empty(await _jobs.AllAsync(null, default));
    }

    [Fact]
    public async Task A_limit_of_the_provider_is_obeyed()
    {
        await InsertAsync(GivenJob.Ended());
        var until = _time.GetUtcNow().AddMinutes(40);
        _provider.Answer = _ => Task.FromResult(new ProviderAnswer(ProviderResult.Failed, "limit", until));
        await PassAsync();
        _provider.Answer = null;

        _time.Advance(TimeSpan.FromMinutes(40) - TimeSpan.FromSeconds(1));
        await PassAsync();
        Assert.Single(_provider.Told);
        _time.Advance(TimeSpan.FromSeconds(1));
        await PassAsync();

        Assert.Equal(2, _provider.Told.Count);
    }

    [Fact]
    public async Task A_report_is_tried_for_a_day()
    {
        await InsertAsync(GivenJob.Ended() with { EndedAt = _time.GetUtcNow() });
        _provider.Answer = _ => Task.FromResult(new ProviderAnswer(ProviderResult.Failed, "down"));

        for (var at = TimeSpan.Zero; at < TimeSpan.FromDays(1); at += TimeSpan.FromMinutes(5))
        {
            await PassAsync();
            Assert.Single(await _jobs.AllAsync(null, default));
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        await PassAsync();
        Assert.Empty(await _jobs.AllAsync(null, default));
        Assert.InRange(_provider.Told.Count, 280, 300);
    }

    [Theory]
    [InlineData(ProviderResult.Refused)]
    [InlineData(ProviderResult.Missing)]
    public async Task What_is_refused_is_not_tried_again(ProviderResult result)
    {
        await InsertAsync(GivenJob.Ended());
        _provider.Answer = _ => Task.FromResult(new ProviderAnswer(result, "no"));

        await PassAsync();

        Assert.Single(_provider.Told);
        Assert.Empty(await _jobs.AllAsync(null, default));
    }

    [Fact]
    public async Task A_pending_that_fails_is_tried_again_and_never_once_the_job_has_ended()
    {
        var job = await InsertAsync(GivenJob.Running());
        _provider.Answer = _ => Task.FromResult(new ProviderAnswer(ProviderResult.Failed, "down"));
        await PassAsync();
        Assert.Equal(_time.GetUtcNow().AddSeconds(10), Assert.Single(await _jobs.AllAsync(null, default)).ReportAt);
        _provider.Answer = null;
        await PassAsync();
        Assert.Single(_provider.Told);

        await EndAsync(job.Id);
        _time.Advance(TimeSpan.FromSeconds(40));
        await PassAsync();

        Assert.Equal([StatusState.Pending, StatusState.Success], _provider.Told.Select(r => r.State));
    }

    [Fact]
    public async Task The_end_waits_for_a_pending_of_another_process_that_may_be_on_its_way()
    {
        var job = await InsertAsync(GivenJob.Running());
        var other = NewReporting();
        await other.TellPendingAsync(await _jobs.AllAsync(null, default), Until, default);
        await EndAsync(job.Id);

        _time.Advance(TimeSpan.FromSeconds(29));
        await PassAsync();
        Assert.Single(_provider.Told);
        _time.Advance(TimeSpan.FromSeconds(1));
        await PassAsync();

        Assert.Equal([StatusState.Pending, StatusState.Success], _provider.Told.Select(r => r.State));
    }

    [Fact]
    public async Task The_end_follows_at_once_where_the_pendings_answer_was_seen()
    {
        var job = await InsertAsync(GivenJob.Running());
        await PassAsync();
        await EndAsync(job.Id);

        await PassAsync();

        Assert.Equal([StatusState.Pending, StatusState.Success], _provider.Told.Select(r => r.State));
    }

    [Fact]
    public async Task A_process_that_stood_still_after_its_note_sends_no_pending()
    {
        await InsertAsync(GivenJob.Running());
        _storage.AfterWrite = () => _time.Advance(TimeSpan.FromSeconds(6));

        await _reporting.TellPendingAsync(await _jobs.AllAsync(null, default), Until, default);

        Assert.Empty(_provider.Told);
    }

    [Fact]
    public async Task Of_two_passes_at_once_one_tells_that_a_job_is_pending()
    {
        await InsertAsync(GivenJob.Running());
        var (one, two) = (await _jobs.AllAsync(null, default), await _jobs.AllAsync(null, default));

        await _reporting.TellPendingAsync(one, Until, default);
        _time.Advance(TimeSpan.FromTicks(1));
        await NewReporting().TellPendingAsync(two, Until, default);

        Assert.Single(_provider.Told);
    }

    [Fact]
    public async Task Of_one_trigger_and_commit_the_newest_job_is_told()
    {
        await InsertAsync(GivenJob.Ended("01kf5s8v3v0000000000"));
        var newer = await InsertAsync(GivenJob.Running("01kf5s8v3v0000000001"));

        await PassAsync();

        var report = Assert.Single(_provider.Told);
        Assert.Equal((StatusState.Pending, true), (report.State, report.TargetUrl!.EndsWith(newer.Id, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_provider_that_is_slow_keeps_no_other_job_from_history()
    {
        foreach (var i in Enumerable.Range(0, 20))
        {
            await InsertAsync(GivenJob.Ended($"01kf5s8v3v00000000{i:00}") with { Commit = $"{i:00}".PadRight(40, 'a') });
        }

        await InsertAsync(GivenJob.Ended("01kf5s8v3v0000000099") with { Repository = null }, asItIs: true);
        _provider.Answer = _ =>
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            return Task.FromResult(ProviderAnswer.Done);
        };

        await PassAsync();

        Assert.Equal(3, _provider.Told.Count);
        Assert.Equal(21, (await _history.PageAsync(100, null, default)).Jobs.Count);
        Assert.Equal(17, (await _jobs.AllAsync(null, default)).Count(j => j.Archived == true));
    }

    private DateTimeOffset Until => _time.GetUtcNow() + Archiving.Budget;

    private Reporting NewReporting(string? url = "https://pushcart.example.com") => new(_jobs, [_provider], new PublicUrl(url), _time, NullLogger<Reporting>.Instance);

    private Archiving NewArchiving(Reporting reporting) => new(_live, _history, _executor, reporting, new(_storage.Clients.Table(TableNames.Logs)), _time, NullLogger<Archiving>.Instance);

    private async Task PassAsync()
    {
        var (all, until) = (await _jobs.AllAsync(null, default), Until);
        await _archiving.ArchiveAsync(all, reports: true, until, default);
        await _reporting.TellPendingAsync(all, until, default);
    }

    private async Task<Job> InsertAsync(Job job, bool asItIs = false)
    {
        await _storage.Clients.CreateAsync(default);
        job = asItIs ? job : job with { Repository = Repository };
        Assert.True((await _live.WriteAsync([Change.Insert(JobRow.New(job))], default)).Applied);
        return (await _jobs.FindAsync(job.Id, default))!;
    }

    private async Task EndAsync(string id)
    {
        var job = (await _jobs.FindAsync(id, default))!;
        Assert.True((await _live.WriteAsync([JobRow.Merge(job with { State = JobState.Ended, Outcome = JobOutcome.Succeeded, EndedAt = _time.GetUtcNow(), Slot = null, GroupSlot = null })], default)).Applied);
    }

    private sealed class Provider : IStatusReports
    {
        public List<StatusReport> Told { get; } = [];

        public Func<StatusReport, Task<ProviderAnswer>>? Answer { get; set; }

        public bool Tells(string repository) => repository.StartsWith("https://github.com/", StringComparison.Ordinal);

        public Task<ProviderAnswer> TellAsync(StatusReport report, CancellationToken cancellation)
        {
            Told.Add(report);
            return Answer?.Invoke(report) ?? Task.FromResult(ProviderAnswer.Done);
        }
    }

    private sealed class Executor : IExecutor
    {
        public int Logs { get; private set; }

        public string Name => "fake";

        public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => Task.FromResult(new SetTtlAnswer(true));

        public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation)
        {
            Logs++;
            return Task.FromResult<string?>("log");
        }
    }
}

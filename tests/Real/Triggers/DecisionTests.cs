using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>What a check decides by the commit that a reference has.</summary>
[Collection("azurite")]
public sealed class DecisionTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_first_check_of_a_source_fires()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var commit = here.Repository.Commit("a", "1");

        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();

        var job = await here.JobAsync();
        Assert.Equal((JobState.Queued, commit, null, "poll"), (job.State, job.Commit, job.PreviousCommit, job.Cause));
        var source = await here.SourceAsync();
        Assert.Equal((commit, null, job.Id, false), (source.Commit, source.Previous, source.LastJob, source.Owed));
    }

    [Fact]
    public async Task The_same_commit_makes_no_job_and_writes_nothing()
    {
        await using var here = await FiredAsync();

        here.Process.Storage.Clear();
        await here.CheckAgainAsync();
        await here.CheckAgainAsync();

        Assert.Single(await here.JobsAsync());
        Assert.DoesNotContain(here.Process.Storage.Operations, o => o.IsWrite && o.Name == TableNames.Live);
    }

    [Fact]
    public async Task A_new_commit_is_one_job_for_that_commit()
    {
        await using var here = await FiredAsync();
        var before = (await here.SourceAsync()).Commit;
        var commit = here.Repository.Commit("a", "2");

        await here.CheckAgainAsync();
        await here.CheckAgainAsync();

        var jobs = await here.JobsAsync();
        Assert.Equal(2, jobs.Count);
        Assert.Equal((commit, before), (jobs[1].Commit, jobs[1].PreviousCommit));
    }

    [Fact]
    public async Task Several_commits_between_two_checks_are_one_job_for_the_newest()
    {
        await using var here = await FiredAsync();
        here.Repository.Commit("a", "2");
        here.Repository.Commit("a", "3");
        var newest = here.Repository.Commit("a", "4");

        await here.CheckAgainAsync();

        Assert.Equal(newest, (await here.JobsAsync())[1].Commit);
        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_forced_push_to_an_older_commit_fires()
    {
        await using var here = await FiredAsync();
        var oldest = (await here.SourceAsync()).Commit!;
        here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        here.Repository.SetBranch("main", oldest);

        // Long after the change: the older commit is no lagging replica's.
        await here.CheckAgainAsync();

        var jobs = await here.JobsAsync();
        Assert.Equal(3, jobs.Count);
        Assert.Equal(oldest, jobs[2].Commit);
    }

    [Fact]
    public async Task Soon_after_a_change_the_commit_before_it_fires_only_when_a_second_look_confirms_it()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, [("Checks:ConfirmAfter", "1s")]);
        var (oldest, newest) = (here.Repository.Commit("a", "1"), here.Repository.Commit("a", "2"));
        here.Repository.SetBranch("main", oldest);
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", schedule: "interval: 10s"));
        await here.DeliverChecksAsync();
        here.Repository.SetBranch("main", newest);
        await here.CheckAgainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, (await here.JobsAsync()).Count);

        // A replica that lags behind answers once; the second look, later, finds the newest.
        here.Repository.SetBranch("main", oldest);
        here.Process.Storage.Clear();
        await here.CheckAgainAsync(TimeSpan.FromSeconds(10));
        here.Repository.SetBranch("main", newest);
        Assert.DoesNotContain(here.Process.Storage.Operations, o => o.IsWrite && o.Name == TableNames.Live);
        await here.WaitAsync(async () => await here.DeliverChecksAsync() > 0);
        Assert.Equal(2, (await here.JobsAsync()).Count);

        // A forced push stays.
        here.Repository.SetBranch("main", oldest);
        await here.CheckAgainAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, (await here.JobsAsync()).Count);
        await here.WaitAsync(async () => await here.DeliverChecksAsync() > 0);
        Assert.Equal(oldest, (await here.JobsAsync())[^1].Commit);
        Assert.Equal(3, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task Without_onChangeOnly_every_run_fires_and_a_tick_sent_twice_fires_once()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "onChangeOnly: false"));
        await here.DeliverChecksAsync();
        await here.PollAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());

        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();
        var messages = await here.TakeAsync(QueueNames.Checks);
        foreach (var message in messages.Concat(messages))
        {
            await here.SendAsync(QueueNames.Checks, message);
        }

        await here.DeliverChecksAsync();
        Assert.Equal(2, (await here.JobsAsync()).Count);

        await here.CheckAgainAsync();
        Assert.Equal(3, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_commit_outside_the_watched_files_moves_the_record_on_and_makes_no_job()
    {
        await using var here = await FiredAsync("files: [\"src/**\", \"!*.md\"]", "src/a");
        var commit = here.Repository.Commit("main", TestFile.Text("other", "1"), TestFile.Text("src/read.md", "1"));

        await here.CheckAgainAsync();

        Assert.Single(await here.JobsAsync());
        Assert.Equal(commit, (await here.SourceAsync()).Commit);
    }

    [Fact]
    public async Task A_watched_file_that_is_added_removed_or_changed_fires()
    {
        await using var here = await FiredAsync("files: [\"src/**\"]", "src/a");
        foreach (var change in (TestFile[])[TestFile.Text("src/b/c", "new"), TestFile.Text("src/b/c", "changed"), TestFile.Deleted("src/b/c")])
        {
            var commit = here.Repository.Commit("main", change);
            await here.CheckAgainAsync();
            Assert.Equal(commit, (await here.JobsAsync())[^1].Commit);
        }

        Assert.Equal(4, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task Watched_files_that_came_back_to_what_they_were_between_two_checks_do_not_fire()
    {
        await using var here = await FiredAsync("files: [\"src/**\"]", "src/a");
        here.Repository.Commit("src/a", "2");
        here.Repository.Commit("src/a", "1");

        await here.CheckAgainAsync();

        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task An_annotated_tag_gives_the_commit_that_it_names()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var commit = here.Repository.Commit("a", "1");
        here.Repository.AnnotatedTag("v1", commit);

        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "reference: {tag: v1}"));
        await here.DeliverChecksAsync();

        var job = await here.JobAsync();
        Assert.Equal((commit, "v1"), (job.Commit, job.ReferenceName));
    }

    [Fact]
    public async Task Of_a_branch_and_a_tag_of_the_same_name_the_triggers_own_kind_decides()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var (tagged, tip) = (here.Repository.Commit("a", "1", "same"), here.Repository.Commit("a", "2", "same"));
        here.Repository.Tag("same", tagged);

        await here.ApplyAsync(
            Source("app", here.Uri),
            Action("build"),
            Trigger("of-branch", "app", "build", "reference: {branch: same}"),
            Trigger("of-tag", "app", "build", "reference: {tag: same}"));
        await here.DeliverChecksAsync();

        var jobs = await here.JobsAsync();
        Assert.Equal(tip, Assert.Single(jobs, j => j.TriggerName == "of-branch").Commit);
        Assert.Equal(tagged, Assert.Single(jobs, j => j.TriggerName == "of-tag").Commit);
    }

    [Fact]
    public async Task A_reference_that_is_a_commit_fires_once_and_asks_nobody()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var commit = here.Repository.Commit("a", "1");
        here.Repository.Commit("a", "2");

        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", $"reference: {{commit: {commit}}}"));
        await here.DeliverChecksAsync();
        await here.CheckAgainAsync();

        Assert.Equal(commit, (await here.JobAsync()).Commit);
        Assert.Equal(0, here.Process.Git.Requests);
    }

    private async Task<InstallationOnAzurite> FiredAsync(string watchOn = "reference: {branch: main}", string path = "a")
    {
        var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit(path, "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", watchOn));
        await here.DeliverChecksAsync();
        await here.PollAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
        return here;
    }
}

using Pushcart.Cli.Demo;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;
using Xunit.Abstractions;

namespace Pushcart.Tests.Real.Crash;

/// <summary>
/// The promise of the main job: Pushcart's process is killed (SIGKILL; not its Azurite, nor what its runs have started) at moments drawn from a fixed seed
/// and started again, and no commit is lost, none runs twice, every end is recorded. What ran is told by the work itself, in a ledger outside Pushcart.
/// </summary>
[Collection("azurite")]
public sealed class CrashTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int Seed = 20261121;
    private const int Rounds = 20;
    private const int KillsAtWork = 3;

    private readonly List<string> events = [];
    private readonly List<Pushed> pushed = [];
    private readonly List<HostProcess> lives = [];
    private readonly long began = TimeProvider.System.GetTimestamp();
    private int killedAtWork;

    [Fact]
    public async Task Killed_20_times_and_started_again_it_loses_no_commit_runs_none_twice_and_records_every_end()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        using var repository = TestRepository.Create();
        await using var server = GitHttpBackend.Start(repository.Root);
        var ledger = new CrashLedger(Path.Combine(place.Folder, "ledger"));
        var manifests = place.Write("manifests/app.yaml", HostManifests.Watching(server.UriOf(repository.Name), ledger.Script));
        try
        {
            foreach (var round in CrashPlan.Of(Seed, Rounds))
            {
                await LiveAndDieAsync(round, place, manifests, repository, ledger);
            }

            var last = Start(place, manifests);
            await last.LiveAsync();
            Push(repository, 0.5, mustRun: true);
            await Eventually.TrueAsync(async () => (await place.HistoryAsync()).Any(f => f.Job.Commit == pushed[^1].Commit), "the last commit in history", 90);
            var history = await place.FinishedAsync(last, 1, 90);
            Note($"quiet, {history.Count} jobs in history");

            Assert.True(killedAtWork >= KillsAtWork, $"only {killedAtWork} kills hit while a run was at work");
            JobsAreComplete(history);
            WorkIsComplete(history, ledger.Entries);
            await NothingIsLeftAsync(place);
            last.Terminate();
            Assert.Equal(0, await last.ExitAsync());
        }
        finally
        {
            Note($"seed {Seed}, {killedAtWork} kills at work, {pushed.Count} commits");
            events.ForEach(output.WriteLine);
            output.WriteLine(string.Join('\n', ledger.Entries));
            output.WriteLine(string.Join('\n', (await place.HistoryAsync()).Select(f => $"{f.Job.Id} {f.Job.Commit} {f.Job.Outcome} attempt {f.Job.Attempt} {f.Job.Reason}")));
            output.WriteLine(string.Join('\n', await place.LiveAsync()));
            output.WriteLine(string.Join("\n---\n", lives.Select(host => host.Text)));
        }
    }

    private async Task LiveAndDieAsync(CrashRound round, HostPlace place, string manifests, TestRepository repository, CrashLedger ledger)
    {
        var push = () => Push(repository, round.WorkSeconds, mustRun: round.After is KillAfter.Submitted or KillAfter.WorkStarted);
        if (round is { After: KillAfter.ProcessStart, PushFirst: true })
        {
            push();
        }

        var host = Start(place, manifests);
        if (round.After != KillAfter.ProcessStart)
        {
            await host.LiveAsync();
        }

        if (round is not { After: KillAfter.ProcessStart, PushFirst: true })
        {
            push();
        }

        var commit = pushed[^1].Commit;
        if (round.After == KillAfter.Submitted)
        {
            await host.UntilAsync(() => Submitted(host).Any(line => line.Contains(commit[..12], StringComparison.Ordinal)), $"a job for {commit}");
        }
        else if (round.After == KillAfter.WorkStarted)
        {
            await host.UntilAsync(() => ledger.AtWork.Contains(commit), $"{commit} at work");
        }

        await Task.Delay(round.Delay, TimeProvider.System);
        var before = ledger.AtWork;
        await host.KillAsync();

        // At work before and after: so it was at the moment of the kill, and lives on.
        var survivors = before.Intersect(ledger.AtWork).ToList();
        killedAtWork += survivors.Count > 0 ? 1 : 0;
        Note($"killed {round.Delay.TotalMilliseconds:0} ms after {round.After}; at work: {string.Join(' ', survivors.Select(c => c[..12]))}");
    }

    private HostProcess Start(HostPlace place, string manifests)
    {
        var host = place.Start("--manifests", manifests);
        lives.Add(host);
        Note($"started process {host.Id}");
        return host;
    }

    private void Push(TestRepository repository, double workSeconds, bool mustRun)
    {
        var commit = repository.Commit("seconds", FormattableString.Invariant($"{workSeconds:0.00}"));
        pushed.Add(new(commit, mustRun));
        Note($"pushed {commit[..12]}, {workSeconds:0.00} s of work");
    }

    /// <summary>History against what was pushed and what the hosts said.</summary>
    private void JobsAreComplete(IReadOnlyList<FinishedJob> history)
    {
        var commits = history.Select(f => f.Job.Commit).ToList();
        Assert.Equal(commits.Distinct(), commits);
        Assert.All(history, f => Assert.Equal((JobOutcome.Succeeded, 1, 0), (f.Job.Outcome, f.Job.Run, f.Job.ExitCode)));
        Assert.All(history, f => Assert.NotNull(f.Job.EndedAt));

        // Commits that were the tip only between two looks have no job, rightly; those that were seen have one each, in order: each job names
        // the commit of the one before it as its predecessor, so between two jobs no look has seen anything else.
        Assert.Equal(pushed.Select(p => p.Commit).Where(commits.Contains), commits);
        Assert.Empty(pushed.Where(p => p.MustRun).Select(p => p.Commit).Except(commits));
        Assert.Equal(commits.SkipLast(1).Prepend(null), history.Select(f => f.Job.PreviousCommit));

        var told = lives.SelectMany(Submitted).Select(line => line.Split("job ")[1].Split(' ')[0]).ToHashSet();
        Assert.Empty(told.Except(history.Select(f => f.Job.Id)));
    }

    /// <summary>The ledger against history: one start and one end for each job, and for nothing else.</summary>
    private static void WorkIsComplete(IReadOnlyList<FinishedJob> history, IReadOnlyList<CrashEntry> entries)
    {
        var expected = history.Select(f => (f.Job.Commit, f.Job.Id, 1)).Order().ToList();
        Assert.Equal(expected, entries.Where(e => e.IsStart).Select(e => (e.Commit, e.JobId, e.Run)).Order());
        Assert.Equal(expected, entries.Where(e => !e.IsStart).Select(e => (e.Commit, e.JobId, e.Run)).Order());
    }

    private static async Task NothingIsLeftAsync(HostPlace place)
    {
        Assert.Single(await place.RowsAsync("live"));
        Assert.Empty(await place.RowsAsync("dead"));
        Assert.NotEmpty(place.RunDirectories);
        Assert.All(place.RunDirectories, path => Assert.True(File.Exists(Path.Combine(path, "exit")), $"{path} has not ended"));
        await Eventually.TrueAsync(() => HostProcesses.Of(place.Runs).Count == 0, "no process of a run is left");
    }

    private static IEnumerable<string> Submitted(HostProcess host) => host.Lines.Where(line => line.Contains(" submitted: ", StringComparison.Ordinal));

    private void Note(string what) => events.Add(FormattableString.Invariant($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.00} s {what}"));

    private sealed record Pushed(string Commit, bool MustRun);
}

using Pushcart.Execution;
using Pushcart.Git;
using Xunit;

namespace Pushcart.Tests.Support;

/// <summary>
/// What every executor does. An implementation's test class derives from this, gives it an executor and a repository that its runs can reach,
/// and adds only what is its own.
/// </summary>
public abstract class ExecutorContract
{
    private const string Reference = "refs/heads/main";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static int s_names;

    /// <summary>A new executor, as after a restart, of the same place.</summary>
    protected abstract Task<IExecutor> NewAsync();

    /// <summary>The installation that the executor is of.</summary>
    protected abstract string Installation { get; }

    /// <summary>A repository that runs can reach.</summary>
    protected abstract GitEndpoint Repository { get; }

    /// <summary>Commits a file on its branch <c>main</c>.</summary>
    /// <returns>The commit.</returns>
    protected abstract string Commit(string path, string content);

    /// <summary>An image that has <c>sh</c>; null where images mean nothing.</summary>
    protected virtual string? Image => null;

    /// <summary>The namespace of its runs.</summary>
    protected virtual string Namespace => "default";

    /// <summary>A deadline in which a run has just begun its work.</summary>
    protected virtual TimeSpan ShortDeadline => TimeSpan.FromSeconds(2);

    /// <summary>False where what ends a run at its deadline takes its output along.</summary>
    protected virtual bool KeepsOutputPastDeadline => true;

    /// <summary>The run, as it must be here: where <see cref="LetGoAsync"/> needs something of it, say.</summary>
    protected virtual RunSpec Adapted(RunSpec spec) => spec;

    [ContractFact]
    public async Task A_run_is_active_then_succeeded_and_its_output_can_be_read()
    {
        var executor = await NewAsync();
        var spec = Spec("until [ -e go ]; do sleep 0.05; done; echo first; sleep 0.1; echo second >&2");
        await CreateAsync(executor, spec);

        var active = await SeenAsync(executor, spec.Key, run => run is { Phase: RunPhase.Active, StartedAt: not null });
        Assert.True(active.Alive);
        await LetGoAsync(spec);

        var ended = await EndedAsync(executor, spec.Key);
        Assert.Equal((RunPhase.Succeeded, 0, null), (ended.Phase, ended.ExitCode, ended.Reason));
        Assert.Equal(active.Uid, ended.Uid);
        Assert.NotEqual(active.Version, ended.Version);
        Assert.True(ended.EndedAt >= ended.StartedAt);
        Assert.EndsWith("first\nsecond\n", await executor.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
        Assert.Equal("second\n", await executor.ReadLogTailAsync(spec.Key, 7, default));
    }

    [ContractFact]
    public async Task A_run_that_exits_3_has_failed_with_3()
    {
        var executor = await NewAsync();
        var spec = Spec("echo bad luck; exit 3");
        await CreateAsync(executor, spec);

        var ended = await EndedAsync(executor, spec.Key);

        Assert.Equal((RunPhase.Failed, 3, "Error"), (ended.Phase, ended.ExitCode, ended.Reason));
    }

    [ContractFact]
    public async Task Creating_it_again_finds_the_one_that_is_there_also_after_its_end()
    {
        var executor = await NewAsync();
        var spec = Spec("until [ -e go ]; do sleep 0.05; done; echo once");
        await CreateAsync(executor, spec);
        var active = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Active);

        Assert.Equal(CreateResult.Exists, (await (await NewAsync()).CreateAsync(spec with { ClaimKey = "another claim" }, default)).Result);
        await LetGoAsync(spec);
        var ended = await EndedAsync(executor, spec.Key);
        Assert.Equal(CreateResult.Exists, (await executor.CreateAsync(spec with { ClaimKey = "one more claim" }, default)).Result);

        Assert.Equal(active.Uid, ended.Uid);
        Assert.Equal(ended, (await executor.FindAsync(spec.Key, default)).Run);
        Assert.EndsWith("once\n", await executor.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
        Assert.DoesNotContain("once\nonce", await executor.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Many_creates_at_once_make_one_run()
    {
        var executor = await NewAsync();
        var spec = Spec("echo once");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => executor.CreateAsync(spec with { ClaimKey = $"claim {i}" }, default)));
        await EndedAsync(executor, spec.Key);

        Assert.Single(answers, answer => answer.Result == CreateResult.Created);
        Assert.Equal("once\n", await executor.ReadLogTailAsync(spec.Key, 1000, default));
    }

    [ContractTheory]
    [InlineData("job")]
    [InlineData("run")]
    [InlineData("installation")]
    public async Task The_name_of_somebody_elses_run_is_refused(string difference)
    {
        var executor = await NewAsync();
        var spec = Spec("true");
        await CreateAsync(executor, spec);

        var foreign = difference switch
        {
            "job" => spec with { Key = spec.Key with { JobId = "another" } },
            "run" => spec with { Key = spec.Key with { Run = 2 } },
            _ => spec with { Installation = "another" },
        };
        var answer = await executor.CreateAsync(foreign, default);

        Assert.Equal(CreateResult.Refused, answer.Result);
        Assert.Contains(spec.Key.Name, answer.Message, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_run_that_was_never_created_is_not_there()
    {
        var executor = await NewAsync();
        var key = Spec("true").Key;

        Assert.Equal(new FindAnswer(true, null), await executor.FindAsync(key, default));
        Assert.Null(await executor.ReadLogTailAsync(key, 1000, default));
        Assert.True((await executor.SetTtlAsync(key, TimeSpan.Zero, default)).Done);
    }

    [ContractFact]
    public async Task Runs_of_other_namespaces_are_not_listed()
    {
        var executor = await NewAsync();
        var spec = Spec("true");
        await CreateAsync(executor, spec);
        await EndedAsync(executor, spec.Key);

        var list = await executor.ListAsync(["elsewhere"], default);

        Assert.True(list.Whole);
        Assert.Empty(list.Runs);
    }

    [ContractFact]
    public async Task A_run_that_exceeds_its_deadline_is_ended_with_all_it_started()
    {
        var executor = await NewAsync();
        var spec = Spec("echo begun; sleep 300 & sleep 300") with { Deadline = ShortDeadline };
        await CreateAsync(executor, spec);

        var ended = await EndedAsync(executor, spec.Key);

        Assert.Equal((RunPhase.Failed, "DeadlineExceeded", null), (ended.Phase, ended.Reason, ended.ExitCode));
        Assert.True(ended.EndedAt - ended.StartedAt >= ShortDeadline);
        if (KeepsOutputPastDeadline)
        {
            Assert.StartsWith("begun\n", await executor.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
        }
    }

    [ContractFact]
    public async Task Deleting_an_active_run_ends_it_and_it_is_gone()
    {
        var executor = await NewAsync();
        var spec = Spec("sleep 300");
        await CreateAsync(executor, spec);

        // What changes meanwhile without an end may refuse it, and it is seen anew.
        var seen = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Active);
        await UntilAsync(
            async () => (await executor.DeleteAsync(seen = await SeenAsync(executor, spec.Key, _ => true), default)).Accepted, () => $"{spec.Key.Name} is not deleted");

        await GoneAsync(executor, spec.Key);
        Assert.Equal(new FindAnswer(true, null), await executor.FindAsync(spec.Key, default));
        Assert.True((await executor.DeleteAsync(seen, default)).Accepted);
    }

    [ContractFact]
    public async Task Deleting_a_run_as_it_no_longer_is_leaves_its_end_alone()
    {
        var executor = await NewAsync();
        var spec = Spec("until [ -e go ]; do sleep 0.05; done");
        await CreateAsync(executor, spec);
        var active = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Active);
        await LetGoAsync(spec);
        var ended = await EndedAsync(executor, spec.Key);

        Assert.False((await executor.DeleteAsync(active, default)).Accepted);
        Assert.False((await executor.DeleteAsync(ended with { Uid = "another" }, default)).Accepted);
        Assert.Equal(ended, (await executor.FindAsync(spec.Key, default)).Run);

        Assert.True((await executor.DeleteAsync(ended, default)).Accepted);
        await GoneAsync(executor, spec.Key);
    }

    [ContractFact]
    public async Task An_ended_run_goes_when_its_ttl_is_over_and_not_before()
    {
        var executor = await NewAsync();
        var spec = Spec("true");
        await CreateAsync(executor, spec);
        await EndedAsync(executor, spec.Key);

        Assert.True((await executor.SetTtlAsync(spec.Key, TimeSpan.FromHours(2), default)).Done);
        Assert.NotNull((await executor.FindAsync(spec.Key, default)).Run);
        Assert.Contains((await ListAsync(executor)).Runs, run => run.Key == spec.Key);

        Assert.True((await executor.SetTtlAsync(spec.Key, TimeSpan.Zero, default)).Done);
        await GoneAsync(executor, spec.Key);
    }

    [ContractFact]
    public async Task The_commit_that_was_seen_is_cloned_though_the_branch_has_moved_on()
    {
        var executor = await NewAsync();
        var old = Commit("version", "old");
        Commit("version", "new");
        var spec = Spec("cat version; ls -A", old);
        await CreateAsync(executor, spec);

        Assert.Equal(RunPhase.Succeeded, (await EndedAsync(executor, spec.Key)).Phase);

        var output = await executor.ReadLogTailAsync(spec.Key, 1000, default);
        Assert.StartsWith("old", output, StringComparison.Ordinal);
        Assert.DoesNotContain(".git", output, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task The_git_folder_stays_where_it_is_asked_for()
    {
        var executor = await NewAsync();
        var commit = Commit("version", "kept");
        var spec = Spec("git log --format=%H || cat .git/HEAD", commit);
        spec = spec with { Checkout = spec.Checkout with { PreserveGitFolder = true } };
        await CreateAsync(executor, spec);

        await EndedAsync(executor, spec.Key);

        Assert.EndsWith(commit + "\n", await executor.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_commit_that_is_not_there_fails_the_run_as_a_failed_clone()
    {
        var executor = await NewAsync();
        Commit("version", "any");
        var spec = Spec("echo never", new string('1', 40));
        await CreateAsync(executor, spec);

        var ended = await EndedAsync(executor, spec.Key);

        Assert.Equal(RunPhase.Failed, ended.Phase);
        Assert.DoesNotContain("never", await executor.ReadLogTailAsync(spec.Key, 4000, default), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task The_work_gets_its_variables_its_arguments_and_its_directory()
    {
        var executor = await NewAsync();
        var spec = Spec("echo \"$GREETING, $1\"; [ \"$(pwd -P)\" = \"$(cd \"$ACTION_JOB_WORKDIR\" && pwd -P)\" ] && echo in place") with
        {
            Args = ["sh", "wide world"],
            Environment = new Dictionary<string, string> { ["GREETING"] = "hello = \"you\"" },
        };
        await CreateAsync(executor, spec);

        await EndedAsync(executor, spec.Key);

        Assert.Equal("hello = \"you\", wide world\nin place\n", await executor.ReadLogTailAsync(spec.Key, 1000, default));
    }

    [ContractFact]
    public async Task The_whole_output_is_read_while_the_run_is_there_and_followed_to_its_end()
    {
        var executor = await NewAsync();

        // It lingers: containerd 1.6 was seen to lose what a container writes in its last moment.
        var spec = Spec("echo begun; until [ -e go ]; do sleep 0.05; done; seq 1 20000; echo done; sleep 1");
        Assert.Null(await executor.OpenLogAsync(spec.Key, follow: true, default));
        await CreateAsync(executor, spec);
        Stream? followed = null;
        await UntilAsync(async () => (followed = await executor.OpenLogAsync(spec.Key, follow: true, default)) is not null, () => "there is no output");
        using var reader = new StreamReader(followed!);
        Assert.Equal("begun", await reader.ReadLineAsync());

        await LetGoAsync(spec);

        var rest = await reader.ReadToEndAsync();
        Assert.EndsWith("\n20000\ndone\n", rest, StringComparison.Ordinal);
        await EndedAsync(executor, spec.Key);
        using var whole = new StreamReader((await executor.OpenLogAsync(spec.Key, follow: false, default))!);
        Assert.Equal("begun\n" + rest, await whole.ReadToEndAsync());
    }

    /// <summary>A run of a shell script, of a name that no other test has.</summary>
    protected RunSpec Spec(string script, string? commit = null)
    {
        var id = $"{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6))}{Interlocked.Increment(ref s_names)}";
        return Adapted(new RunSpec
        {
            Key = new(Namespace, $"build-{id}-1", id, 1),
            Installation = Installation,
            ClaimKey = "claim",
            CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(20),
            Checkout = new() { Endpoint = Repository, Commit = commit ?? Commit("readme", "x"), Reference = Reference },
            Command = ["sh", "-c", script],
            WorkdirVariable = "ACTION_JOB_WORKDIR",
            Workdir = "/action_workdir",
            Image = Image,
            Deadline = TimeSpan.FromMinutes(2),
            Ttl = TimeSpan.FromDays(7),
        });
    }

    /// <summary>Creates a run; anything but a success fails the test at once.</summary>
    protected static async Task CreateAsync(IExecutor executor, RunSpec spec) =>
        Assert.Equal(new CreateAnswer(CreateResult.Created), await executor.CreateAsync(spec, default));

    /// <summary>Makes the file <c>go</c> in the working directory of a run.</summary>
    protected abstract Task LetGoAsync(RunSpec spec);

    /// <summary>Waits until the run has ended and nothing of it is alive.</summary>
    protected Task<RunView> EndedAsync(IExecutor executor, RunKey key) =>
        SeenAsync(executor, key, run => run.Phase is RunPhase.Succeeded or RunPhase.Failed && !run.Alive);

    /// <summary>Waits until the run is listed as wanted.</summary>
    protected async Task<RunView> SeenAsync(IExecutor executor, RunKey key, Func<RunView, bool> wanted)
    {
        RunView? last = null;
        await UntilAsync(
            async () => (last = (await ListAsync(executor)).Runs.SingleOrDefault(run => run.Key == key)) is not null && wanted(last),
            () => $"{key.Name} is {last?.ToString() ?? "not listed"}");
        return last!;
    }

    /// <summary>Waits until the run is not listed any more.</summary>
    protected Task GoneAsync(IExecutor executor, RunKey key) =>
        UntilAsync(async () => (await ListAsync(executor)) is { Whole: true } list && list.Runs.All(run => run.Key != key), () => $"{key.Name} is still listed");

    /// <summary>Waits for a condition, at most three minutes: a run that does not heed a signal has half a minute, and a busy machine is slow.</summary>
    protected static async Task UntilAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < s_patience, otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }
    }

    private Task<RunList> ListAsync(IExecutor executor) => executor.ListAsync([Namespace], default);
}

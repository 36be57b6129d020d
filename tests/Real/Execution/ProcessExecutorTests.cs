using System.Text.RegularExpressions;
using Pushcart.Execution;
using Pushcart.Execution.Process;

namespace Pushcart.Tests.Real.Execution;

/// <summary>What the process executor promises beyond the contract: one machine, real processes, real signals.</summary>
public sealed partial class ProcessExecutorTests : IDisposable
{
    private const int Stop = 19;
    private const int Kill = 9;
    private readonly ProcessPlace _place = new();
    private readonly RunKey _key = new("default", "build-1", "job", 1);

    [Fact]
    public async Task A_run_outlives_the_program_that_created_it_and_a_new_one_adopts_it()
    {
        var commit = _place.Repository.Commit("readme", "x");
        var start = new System.Diagnostics.ProcessStartInfo(
            ProcessPlace.Sample,
            ["create", _place.Runs, ProcessPlace.Installation, _key.Name, _place.Endpoint.RepoUri, commit, "until [ -e go ]; do sleep 0.05; done; echo survived"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["AUTHORIZATION"] = ProcessPlace.Auth.Header;
        using var creator = System.Diagnostics.Process.Start(start)!;
        Assert.Equal("Created", await creator.StandardOutput.ReadLineAsync());
        creator.Kill();
        await creator.WaitForExitAsync();

        var executor = _place.NewExecutor();
        var adopted = (await executor.FindAsync(_key, default)).Run!;
        Assert.Equal((RunPhase.Active, true), (adopted.Phase, adopted.Alive));
        Assert.Equal(Runner(), SessionOf(Runner()));
        Assert.Equal(CreateResult.Exists, (await executor.CreateAsync(Spec("echo twice"), default)).Result);
        await LetGoAsync();

        Assert.Equal(RunPhase.Succeeded, (await EndedAsync(executor)).Phase);
        Assert.Equal("survived\n", await executor.ReadLogTailAsync(_key, 1000, default));
    }

    [Fact]
    public async Task What_the_work_leaves_behind_is_ended_before_the_end_counts()
    {
        var executor = _place.NewExecutor();
        var mark = Mark();

        // One in the background, one in a session of its own, one that holds neither lock nor output.
        await CreateAsync(executor, Spec(
            $"sleep {mark} & setsid sleep {mark} & setsid sh -c 'for f in 0 1 2 3 4 5 6 7 8 9; do eval \"exec $f>&-\"; done; sleep {mark}' & sleep 0.2; echo done"));

        var ended = await EndedAsync(executor);

        Assert.Equal((RunPhase.Succeeded, 0), (ended.Phase, ended.ExitCode));
        Assert.Empty(ProcessPlace.WithArgument(mark));
    }

    [Fact]
    public async Task At_the_deadline_all_is_ended_also_what_ignores_being_asked()
    {
        var executor = _place.NewExecutor();
        var mark = Mark();
        await CreateAsync(executor, Spec($"trap '' TERM; (trap '' TERM; setsid sleep {mark}) & sleep {mark}; sleep {mark}") with { Deadline = TimeSpan.FromSeconds(1.5) });

        var ended = await EndedAsync(executor);

        Assert.Equal((RunPhase.Failed, "DeadlineExceeded"), (ended.Phase, ended.Reason));
        Assert.Empty(ProcessPlace.WithArgument(mark));
    }

    [Fact]
    public async Task The_deadline_counts_the_clone()
    {
        var executor = _place.NewExecutor(options => options with { Runner = WithGit("if [ \"$1\" = fetch ]; then sleep 60; fi; exec git \"$@\"") });
        await CreateAsync(executor, Spec("echo never") with { Deadline = TimeSpan.FromSeconds(1) });

        Assert.Equal("DeadlineExceeded", (await EndedAsync(executor)).Reason);
    }

    [Fact]
    public async Task A_run_whose_process_is_killed_is_alive_as_long_as_a_descendant_is_and_gone_afterwards()
    {
        var executor = _place.NewExecutor();
        var mark = Mark();
        await CreateAsync(executor, Spec($"setsid sleep {mark} & touch ready; sleep {mark}"));
        await WorkFileAsync("ready");
        ProcessPlace.Signal(Runner(), Kill);
        await UntilAsync(() => !ProcessPlace.IsAlive(Runner()));

        var orphaned = (await executor.FindAsync(_key, default)).Run!;
        Assert.Equal((RunPhase.Active, true), (orphaned.Phase, orphaned.Alive));

        // Again and again: the shell may be starting its second sleep just now.
        await UntilAsync(async () =>
        {
            ProcessPlace.WithArgument(mark).ForEach(process => ProcessPlace.Signal(process, Kill));
            return (await executor.FindAsync(_key, default)) is { Answered: true, Run: null };
        });
        Assert.Empty((await executor.ListAsync(["default"], default)).Runs);
        Assert.Equal(CreateResult.Exists, (await executor.CreateAsync(Spec("echo twice"), default)).Result);
    }

    [Fact]
    public async Task A_run_whose_process_is_killed_is_deleted_all_the_same()
    {
        var executor = _place.NewExecutor();
        var mark = Mark();
        await CreateAsync(executor, Spec($"setsid sh -c 'trap \"\" TERM; sleep {mark}; sleep {mark}' & touch ready; sleep {mark}"));
        await WorkFileAsync("ready");
        ProcessPlace.Signal(Runner(), Kill);
        await UntilAsync(() => !ProcessPlace.IsAlive(Runner()));

        Assert.True((await executor.DeleteAsync((await executor.FindAsync(_key, default)).Run!, default)).Accepted);

        await UntilAsync(async () => (await executor.ListAsync(["default"], default)).Runs.Count == 0);
        Assert.False(Directory.Exists(_place.DirectoryOf(_key)));
        Assert.Empty(ProcessPlace.WithArgument(mark));
    }

    [Fact]
    public async Task A_run_whose_process_misses_the_deadline_is_ended_by_who_observes_it()
    {
        var executor = _place.NewExecutor(options => options with { OverdueAfter = TimeSpan.FromSeconds(1) });
        var mark = Mark();
        await CreateAsync(executor, Spec($"setsid sleep {mark} & touch ready; sleep {mark}") with { Deadline = TimeSpan.FromSeconds(2) });
        await WorkFileAsync("ready");
        ProcessPlace.Signal(Runner(), Stop);

        var ended = await EndedAsync(executor);

        Assert.Equal((RunPhase.Failed, "DeadlineExceeded", false), (ended.Phase, ended.Reason, ended.Alive));
        Assert.Empty(ProcessPlace.WithArgument(mark));
    }

    [Fact]
    public async Task A_deleted_run_is_terminating_until_it_is_gone()
    {
        var executor = _place.NewExecutor(options => options with { StopGrace = TimeSpan.FromSeconds(2) });
        await CreateAsync(executor, Spec("trap '' TERM; touch ready; while :; do sleep 0.1; done"));
        await WorkFileAsync("ready");
        await executor.DeleteAsync((await executor.FindAsync(_key, default)).Run!, default);

        var terminating = (await executor.FindAsync(_key, default)).Run!;

        Assert.Equal((RunPhase.Active, true, true), (terminating.Phase, terminating.Terminating, terminating.Alive));
        await UntilAsync(async () => (await executor.ListAsync(["default"], default)).Runs.Count == 0);
    }

    [Fact]
    public async Task A_directory_whose_run_never_started_is_absent_and_is_taken_over_and_the_late_process_of_its_claim_does_nothing()
    {
        var gate = Path.Combine(_place.Folder, "gate");
        var slow = _place.NewExecutor(options => options with
        {
            Runner = ["sh", "-c", $"until [ -e {gate} ]; do sleep 0.05; done; exec {ProcessPlace.Sample} \"$@\"", "sh"],
            StartTimeout = TimeSpan.FromSeconds(1),
        });
        Assert.Equal(CreateResult.Unknown, (await slow.CreateAsync(Spec("echo late"), default)).Result);

        var executor = _place.NewExecutor();
        Assert.Equal(new FindAnswer(true, null), await executor.FindAsync(_key, default));
        Assert.Equal((true, 0), ((await executor.ListAsync(["default"], default)) is var list && list.Whole, list.Runs.Count));
        await CreateAsync(executor, Spec("until [ -e go ]; do sleep 0.05; done; echo taken over") with { ClaimKey = "second" });
        await File.WriteAllTextAsync(gate, "");
        await LetGoAsync();
        await EndedAsync(executor);
        await UntilAsync(() => ProcessPlace.WithArgument(_place.DirectoryOf(_key)).Count == 0);

        Assert.Equal("taken over\n", await executor.ReadLogTailAsync(_key, 1000, default));
    }

    [Fact]
    public async Task A_late_process_whose_directory_was_taken_over_does_not_start_even_when_it_comes_first()
    {
        var gate = Path.Combine(_place.Folder, "gate");
        IReadOnlyList<string> gated = ["sh", "-c", $"until [ -e {gate} ]; do sleep 0.05; done; exec {ProcessPlace.Sample} \"$@\"", "sh"];
        var slow = _place.NewExecutor(options => options with { Runner = gated, StartTimeout = TimeSpan.FromSeconds(1) });
        await slow.CreateAsync(Spec("echo first"), default);

        // The second claim's process never comes up: the first one's has the lock to itself, but not the directory.
        var dead = _place.NewExecutor(options => options with { Runner = ["false"] });
        Assert.Equal(CreateResult.Busy, (await dead.CreateAsync(Spec("echo second") with { ClaimKey = "second" }, default)).Result);
        await File.WriteAllTextAsync(gate, "");
        await UntilAsync(() => ProcessPlace.WithArgument(_place.DirectoryOf(_key)).Count == 0);

        Assert.Equal(new FindAnswer(true, null), await slow.FindAsync(_key, default));
        Assert.Equal(["lock", "spec.json"], Directory.GetFileSystemEntries(_place.DirectoryOf(_key)).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_create_that_comes_too_late_does_not_start_and_the_next_claim_does()
    {
        var executor = _place.NewExecutor();
        var late = Spec("echo late") with { CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(-6) };

        Assert.Equal(CreateResult.Busy, (await executor.CreateAsync(late, default)).Result);
        Assert.Null((await executor.FindAsync(_key, default)).Run);
        await CreateAsync(executor, Spec("echo in time") with { ClaimKey = "second" });

        await EndedAsync(executor);
        Assert.Equal("in time\n", await executor.ReadLogTailAsync(_key, 1000, default));
    }

    [Fact]
    public async Task Credentials_are_in_no_file_and_on_no_command_line_and_not_given_to_the_work()
    {
        var secret = ProcessPlace.Auth.Header!.Split(' ')[1];
        var executor = _place.NewExecutor(options => options with { Runner = WithGit("env > \"$HOME/../git-environment\"; sleep 0.1; exec git \"$@\"") });
        var spec = Spec("env > environment; until [ -e go ]; do sleep 0.05; done");
        spec = spec with { Checkout = spec.Checkout with { PreserveGitFolder = true, Debug = true } };
        var creating = CreateAsync(executor, spec);
        var seen = new List<string>();
        while (!File.Exists(Path.Combine(_place.DirectoryOf(_key), "work", "environment")))
        {
            seen.AddRange(ProcessPlace.WithArgument("fetch").Select(process => process.ToString()));
            Assert.DoesNotContain(Directory.GetDirectories("/proc"), path => CommandLineOf(path).Contains(secret, StringComparison.Ordinal));
        }

        await creating;
        Assert.NotEmpty(seen);
        var files = Directory.GetFiles(_place.DirectoryOf(_key), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock")
            .ToLookup(file => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal));
        Assert.Equal(["git-environment"], files[true].Select(Path.GetFileName));
        Assert.NotEmpty(files[false]);
        await LetGoAsync();
        await EndedAsync(executor);
    }

    [Fact]
    public async Task The_work_inherits_nothing_of_this_process()
    {
        Environment.SetEnvironmentVariable("PUSHCART_TEST_SETTING", "secret");
        var executor = _place.NewExecutor();
        await CreateAsync(executor, Spec("env") with { Environment = new Dictionary<string, string> { ["GIVEN"] = "1" } });
        await EndedAsync(executor);

        var names = (await executor.ReadLogTailAsync(_key, 10_000, default))!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]);

        Assert.Empty(names.Except(["GIVEN", "PATH", "HOME", "LANG", "TZ", "WORKDIR", "PWD", "OLDPWD", "SHLVL", "_"]));
        Assert.DoesNotContain("PUSHCART_TEST_SETTING", await File.ReadAllTextAsync(Path.Combine(_place.DirectoryOf(_key), "output")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_is_bounded_and_the_work_goes_on()
    {
        var executor = _place.NewExecutor(options => options with { OutputLimit = 100_000 });
        await CreateAsync(executor, Spec("yes 0123456789 | head -c 5000000; touch end; [ -e end ]"));

        Assert.Equal(RunPhase.Succeeded, (await EndedAsync(executor)).Phase);

        Assert.InRange(new FileInfo(Path.Combine(_place.DirectoryOf(_key), "output")).Length, 100_000, 100_200);
        Assert.EndsWith("the rest is dropped\n", await executor.ReadLogTailAsync(_key, 100, default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_run_is_told_at_once_and_counts_then()
    {
        var executor = _place.NewExecutor();
        var ended = executor.Ended;
        await CreateAsync(executor, Spec("true"));

        Assert.Equal(_key.Name, await ended.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System).Token));

        var run = Assert.Single((await executor.ListAsync(["default"], default)).Runs);
        Assert.Equal((RunPhase.Succeeded, false), (run.Phase, run.Alive));
    }

    [Theory]
    [InlineData("no-such-program", 127, "CommandNotFound", "command not found: no-such-program")]
    [InlineData("./readme", 126, "StartError", "cannot start")]
    public async Task A_command_that_cannot_be_started_says_so(string command, int code, string reason, string message)
    {
        var executor = _place.NewExecutor();
        await CreateAsync(executor, Spec("") with { Command = [command] });

        var ended = await EndedAsync(executor);

        Assert.Equal((RunPhase.Failed, code, reason), (ended.Phase, ended.ExitCode, ended.Reason));
        Assert.Contains(message, ended.Message, StringComparison.Ordinal);
        Assert.Contains(message, await executor.ReadLogTailAsync(_key, 1000, default), StringComparison.Ordinal);
    }

    // SIGPIPE too: the runtime ignores it, and what it starts must not.
    [Theory]
    [InlineData(9)]
    [InlineData(13)]
    public async Task Work_that_a_signal_ends_has_failed_with_128_and_the_signal(int signal)
    {
        var executor = _place.NewExecutor();
        await CreateAsync(executor, Spec($"kill -{signal} $$"));

        var ended = await EndedAsync(executor);

        Assert.Equal((128 + signal, "Error"), (ended.ExitCode, ended.Reason));
    }

    [Fact]
    public async Task Without_a_command_a_create_is_refused()
    {
        var answer = await _place.NewExecutor().CreateAsync(Spec("") with { Command = [] }, default);

        Assert.Equal(CreateResult.Refused, answer.Result);
        Assert.Contains("the process executor needs actionJob.command", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_is_refused()
    {
        var executor = _place.NewExecutor();
        var spec = Spec("true") with { Key = _key with { Name = "../elsewhere" } };

        Assert.Equal(CreateResult.Refused, (await executor.CreateAsync(spec, default)).Result);
        Assert.Null((await executor.FindAsync(spec.Key, default)).Run);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_refused_and_nothing_is_there()
    {
        var executor = _place.NewExecutor(options => options with { Runner = [Path.Combine(_place.Folder, "absent")] });

        Assert.Equal(CreateResult.Refused, (await executor.CreateAsync(Spec("true"), default)).Result);
        Assert.Equal(new FindAnswer(true, null), await executor.FindAsync(_key, default));
    }

    [Fact]
    public async Task The_runs_are_for_their_owner_only()
    {
        await CreateAsync(_place.NewExecutor(), Spec("true"));

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(Owner, File.GetUnixFileMode(_place.Runs));
        Assert.Equal(Owner, File.GetUnixFileMode(_place.DirectoryOf(_key)));
    }

    [Fact]
    public async Task Directories_that_never_started_go_after_an_hour_and_other_installations_runs_stay()
    {
        await _place.NewExecutor(options => options with { Runner = ["false"] }).CreateAsync(Spec("true"), default);
        var foreign = _key with { Name = "foreign-1" };
        await CreateAsync(_place.NewExecutor(), Spec("true") with { Key = foreign, Installation = "another", Ttl = TimeSpan.Zero });

        await _place.NewExecutor().ListAsync(["default"], default);
        Assert.True(Directory.Exists(_place.DirectoryOf(_key)));
        var list = await _place.NewExecutor(time: new Later(TimeSpan.FromHours(1))).ListAsync(["default"], default);

        Assert.Equal((true, 0), (list.Whole, list.Runs.Count));
        Assert.False(Directory.Exists(_place.DirectoryOf(_key)));
        Assert.True(Directory.Exists(_place.DirectoryOf(foreign)));
    }

    public void Dispose() => _place.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Mark() => $"{1000 + (Chance.System.Next() % 9000)}.{Chance.System.Next() % 1_000_000:000000}";

    private static string CommandLineOf(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "cmdline"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task CreateAsync(ProcessExecutor executor, RunSpec spec) =>
        Assert.Equal(new CreateAnswer(CreateResult.Created), await executor.CreateAsync(spec, default));

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(40), "the condition was not met in 40 s");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }
    }

    private static int SessionOf(int process) => int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[3]);

    private async Task<RunView> EndedAsync(ProcessExecutor executor)
    {
        RunView? run = null;
        await UntilAsync(async () =>
            (run = (await executor.ListAsync(["default"], default)).Runs.SingleOrDefault(run => run.Key == _key)) is { Phase: not RunPhase.Active, Alive: false });
        return run!;
    }

    private RunSpec Spec(string script) => new()
    {
        Key = _key,
        Installation = ProcessPlace.Installation,
        ClaimKey = "first",
        CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(20),
        Checkout = new() { Endpoint = _place.Endpoint, Commit = _place.Repository.Commit("readme", "x"), Reference = "refs/heads/main" },
        Command = ["sh", "-c", script],
        WorkdirVariable = "WORKDIR",
        Workdir = "/action_workdir",
        Deadline = TimeSpan.FromMinutes(2),
        Ttl = TimeSpan.FromDays(7),
    };

    /// <summary>A runner whose <c>git</c> is this script; in it, <c>git</c> is the real one.</summary>
    private List<string> WithGit(string script)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_place.Folder, "bin")).FullName;
        var path = Environment.GetEnvironmentVariable("PATH");
        File.WriteAllText(Path.Combine(folder, "git"), $"#!/bin/sh\nPATH={path}\n{script}\n");
        File.SetUnixFileMode(Path.Combine(folder, "git"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return ["sh", "-c", $"PATH={folder}:$PATH exec {ProcessPlace.Sample} \"$@\"", "sh"];
    }

    private int Runner() => int.Parse(ProcessId().Match(File.ReadAllText(Path.Combine(_place.DirectoryOf(_key), "started"))).Groups[1].Value);

    private Task WorkFileAsync(string name) => UntilAsync(() => File.Exists(Path.Combine(_place.DirectoryOf(_key), "work", name)));

    private async Task LetGoAsync()
    {
        var work = Path.Combine(_place.DirectoryOf(_key), "work");
        await UntilAsync(() => Directory.Exists(work));
        await File.WriteAllTextAsync(Path.Combine(work, "go"), "");
    }

    [GeneratedRegex("\"pid\":([0-9]+)")]
    private static partial Regex ProcessId();

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}

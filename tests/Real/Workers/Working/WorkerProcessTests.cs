using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Workers.Working;

/// <summary><c>pushcart worker</c> as its users run it: a process beside a host on Azurite, over a link that a test holds in its hands.</summary>
[Collection("calls")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class WorkerProcessTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task From_nothing_to_a_job_that_a_registered_worker_has_run_and_back()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync("--labels", "zone=a");
        var health = (await worker.LineAsync("health and metrics: ")).Split("health and metrics: ")[1];
        var job = await here.SubmitAsync();
        await here.UntilAsync([job], "running");
        using var http = new HttpClient();
        Assert.Contains("pushcart_worker_jobs 1", await http.GetStringAsync($"{health}/metrics"), StringComparison.Ordinal);
        Assert.Equal("available\n", await http.GetStringAsync($"{health}/healthz/ready"));
        here.Open();
        await here.UntilAsync([job], "succeeded");

        var log = await here.Host.Client.GetStringAsync($"api/jobs/{job}/log");
        Assert.Equal("at work\ndone\n", log);
        Assert.Equal([job], here.Worked);
        Assert.Contains("edge", (await here.CommandAsync("workers", "list")).Ended.Text, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), ((await here.CommandAsync("workers", "get", "edge")).Exit, (await here.CommandAsync("workers", "drain", "edge")).Exit, (await here.CommandAsync("workers", "resume", "edge")).Exit));

        Assert.Equal(0, (await here.CommandAsync("workers", "delete", "edge")).Exit);
        await worker.LineAsync("paused: not registered; an admin runs: pushcart workers add edge");
        using var paused = await http.GetAsync($"{health}/healthz/ready");
        Assert.Equal(503, (int)paused.StatusCode);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync());
        Assert.DoesNotContain("pcw_", worker.Text, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(here.Folder, ".pushcart", "worker", "edge", "state.json")));
    }

    [Theory]
    [InlineData(Cut, 4)]
    [InlineData(Cut, 10)]
    [InlineData(Cut, 18)]
    [InlineData(Page, 4)]
    [InlineData(Garbled, 4)]
    public async Task Away_for_a_while_for_longer_than_the_lease_or_than_the_token_the_job_goes_on_and_is_reported(string state, int seconds)
    {
        // A lease is 8 s, a token 16 s: half of a lease stands for the 30 s of a real one.
        await using var here = await EdgePlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var jobs = await here.SubmitAsync(2);
        await here.UntilAsync(jobs, "running");
        await here.UntilAsync(() => Task.FromResult(here.Worked.Count == 2), "both at work");

        await here.AwayAsync(Enum.Parse<LinkState>(state), seconds);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        here.Open();
        await here.UntilAsync(jobs, "succeeded");

        Assert.Equal(jobs.Order(), here.Worked.Order());
        Assert.Equal(seconds > 16, worker.Text.Contains("rejoined as edge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_log_says_what_it_is_how_it_stands_and_one_line_for_each_step_of_a_job()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var token = Path.Combine(here.Folder, "registration");
        var worker = here.Start("--registration-token-file", token, "--max-parallel-jobs", "3", "--labels", "zone=a,gpu=no");
        await worker.LineAsync($"paused: not registered; an admin runs: pushcart workers add edge ({token} is not there)");
        File.Copy(await here.AddAsync(), token);
        await worker.LineAsync("checked in as edge; installation ");
        var job = await here.SubmitAsync();
        here.Open();
        await here.UntilAsync([job], "succeeded");
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync());

        var said = worker.Lines.Select(line => line.Split(' ', 2)[1]).ToList();
        Assert.StartsWith("pushcart worker 0.", said[0], StringComparison.Ordinal);
        Assert.Equal($"server: {here.Link.Address}; name: edge; at most 3 jobs at once; labels: zone=a,gpu=no", said[1]);
        Assert.StartsWith($"executor: process, runs in {here.Folder}/.pushcart/worker/edge; cluster {Environment.MachineName}:", said[2], StringComparison.Ordinal);
        Assert.StartsWith($"state is kept in {here.Folder}/.pushcart/worker/edge/state.json; health and metrics: http://127.0.0.1:", said[3], StringComparison.Ordinal);
        Assert.Equal(
            [$"job {job} started: edge-{job}-1 in default, attempt 1", $"job {job}: edge-{job}-1 succeeded with exit code 0; the job is succeeded"], said.Where(line => line.Contains(job, StringComparison.Ordinal)));
        Assert.Equal("ended: 0 runs go on without this process", said[^1]);
    }

    [Fact]
    public async Task Killed_with_5_jobs_running_the_next_process_adopts_them_all()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var jobs = await here.SubmitAsync(5);
        await here.UntilAsync(() => Task.FromResult(here.Worked.Count == 5), "all at work");
        await worker.KillAsync();

        var next = here.Start();
        await next.LineAsync("checked in as edge");
        here.Open();
        await here.UntilAsync(jobs, "succeeded");
        Assert.Equal(jobs.Order(), here.Worked.Order());
    }

    [Fact]
    public async Task Back_after_start_and_deadline_and_takeover_time_the_jobs_are_lost_and_nothing_runs_twice()
    {
        await using var here = await EdgePlace.StartAsync(azurite, ", activeDeadlineSeconds: 12");
        var worker = await here.RegisteredAsync();
        var jobs = await here.SubmitAsync(5);
        await here.UntilAsync(() => Task.FromResult(here.Worked.Count == 5), "all at work");
        await worker.KillAsync();

        // 12 s, the time that a create has, and a pod's grace.
        await here.UntilAsync(jobs, "lost");

        var next = here.Start();
        await next.LineAsync("checked in as edge");
        var another = await here.SubmitAsync();
        here.Open();
        await here.UntilAsync([another], "succeeded");
        await here.UntilAsync(jobs, "lost");
        Assert.Equal(6, here.Worked.Count);
    }

    [Fact]
    public async Task Two_processes_of_one_name_the_second_waits_and_takes_over_once_the_first_is_gone()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var token = Path.Combine(here.Folder, "token");
        await File.WriteAllTextAsync(token, (await here.Host.TokenAsync("workers", ["worker"])).Value);
        var first = here.Start("--token-file", token, "--state", Path.Combine(here.Folder, "one.json"));
        await first.LineAsync("checked in as edge");
        var job = await here.SubmitAsync();
        await here.UntilAsync([job], "running");
        await here.UntilAsync(() => Task.FromResult(here.Worked.Count == 1), "at work");

        var same = here.Start("--token-file", token, "--state", Path.Combine(here.Folder, "one.json"));
        Assert.Equal(1, await same.ExitAsync());
        Assert.Contains("in use by another worker process", same.Text, StringComparison.Ordinal);
        var second = here.Start("--token-file", token, "--state", Path.Combine(here.Folder, "two.json"));
        await second.LineAsync("another live process has the name edge");
        await first.KillAsync();
        await second.LineAsync("checked in as edge");
        here.Open();
        await here.UntilAsync([job], "succeeded");
        Assert.Equal([job], here.Worked);
    }

    [Fact]
    public async Task Twenty_jobs_are_never_more_than_5_at_once_and_asked_to_end_it_lets_those_finish()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync("--grace", "60s");
        var jobs = await here.SubmitAsync(20);
        await here.UntilAsync(() => Task.FromResult(here.Worked.Count == 5), "5 at work");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        Assert.Equal((5, 5), (here.Worked.Count, (await here.WorkerAsync()).Running));

        worker.Terminate();
        await worker.LineAsync("asked to end");
        here.Open();
        Assert.Equal(0, await worker.ExitAsync());
        Assert.InRange(here.Worked.Count, 5, 5);
        here.Start();
        await here.UntilAsync(jobs, "succeeded");
        Assert.Equal(jobs.Order(), here.Worked.Order());
    }

    [Fact]
    public async Task A_token_that_is_rotated_in_its_file_is_used_at_once()
    {
        await using var here = await EdgePlace.StartAsync(azurite);
        var (id, value) = await here.Host.TokenAsync("workers", ["worker"]);
        var file = Path.Combine(here.Folder, "token");
        await File.WriteAllTextAsync(file, value);
        var worker = here.Start("--token-file", file);
        await worker.LineAsync("checked in as edge");

        var rotated = await here.Host.AskAsync(here.Host.AdminToken, "POST", $"api/tokens/{id}/rotate", new { });
        await worker.LineAsync("paused: ");
        await File.WriteAllTextAsync(file, rotated.Text("token_value"));
        here.Open();
        await here.UntilAsync([await here.SubmitAsync()], "succeeded");
        Assert.DoesNotContain("pct_", worker.Text, StringComparison.Ordinal);
    }

    private const string Cut = nameof(LinkState.Cut);
    private const string Page = nameof(LinkState.Page502);
    private const string Garbled = nameof(LinkState.Garbled);
}

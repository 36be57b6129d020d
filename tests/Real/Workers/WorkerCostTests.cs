using Microsoft.Extensions.DependencyInjection;
using Pushcart.Jobs.Live;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tokens;
using Pushcart.Workers.Serving;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>What workers cost in operations of storage, and what the clock decides, on real storage with a clock of the test's own and one or two processes of the server.</summary>
[Collection("calls")]
public sealed class WorkerCostTests(AzuriteFixture azurite)
{
    private static readonly string s_instance = new('i', 32);
    private static readonly string s_publicKey = Convert.ToBase64String(System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfo());

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    public async Task An_idle_worker_costs_at_most_2_operations_a_request(int claimEvery)
    {
        await using var here = await StartAsync();
        var token = await RegisteredAsync(here.Process);
        await CheckInAsync(here.Process, token);
        await ClaimAsync(here.Process, token);
        for (var seconds = 0; seconds < 600; seconds += 20)
        {
            here.Time.Advance(TimeSpan.FromSeconds(20));
            if (seconds % 60 == 0)
            {
                var next = TestWorker.NewToken();
                var accepted = false;
                await CountAsync(here.Process, 2, async () => accepted = (await CheckInAsync(here.Process, token, next)).Value!.NextTokenAccepted);
                token = accepted ? next : token;
            }

            if (seconds % claimEvery == 0)
            {
                await CountAsync(here.Process, 2, async () => Assert.Null((await ClaimAsync(here.Process, token)).Value!.Claim));
            }
        }
    }

    [Fact]
    public async Task A_pod_with_a_service_token_costs_no_more_in_ten_minutes_with_the_notes_of_its_tokens_use()
    {
        await using var here = await StartAsync();
        var service = await ServiceTokenAsync(here.Process);
        await CheckInAsync(here.Process, service, worker: "pods/a");
        await ClaimAsync(here.Process, service, worker: "pods/a");
        here.Process.Storage.Clear();
        var requests = 0;
        for (var seconds = 0; seconds < 600; seconds += 20, requests++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Null((await ClaimAsync(here.Process, service, worker: "pods/a")).Value!.Claim);
            if (seconds % 60 == 0)
            {
                await CheckInAsync(here.Process, service, worker: "pods/a");
                requests++;
            }
        }

        Assert.True(requests <= 40 && here.Process.Storage.Operations.Count <= 2 * requests, $"{requests} requests, {here.Process.Storage.Describe()}");
    }

    [Fact]
    public async Task A_claim_that_waits_asks_storage_nothing_while_it_does()
    {
        await using var here = await StartAsync(("Workers:LongPoll", "true"));
        var token = await RegisteredAsync(here.Process);
        await CheckInAsync(here.Process, token);
        here.Process.Storage.Clear();
        var waiting = ClaimAsync(here.Process, token, TimeSpan.FromSeconds(20));
        await here.WaitAsync(() => Task.FromResult(here.Process.Get<WaitingClaims>().Count == 1 && here.Process.Storage.Operations.Count > 0));
        for (var n = 0; n < 19; n++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        Assert.False(waiting.IsCompleted);
        Assert.True(here.Process.Storage.Operations.Count <= 2, here.Process.Storage.Describe());
        await here.WaitAsync(() =>
        {
            here.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(waiting.IsCompleted);
        });
        Assert.Equal(TimeSpan.FromSeconds(1), (await waiting).Value!.RetryAfter);
        Assert.True(here.Process.Storage.Operations.Count <= 2, here.Process.Storage.Describe());
        Assert.Equal(0, here.Process.Get<WaitingClaims>().Count);
    }

    [Fact]
    public async Task A_running_job_costs_one_write_in_20_s_and_its_progress_one_in_5()
    {
        await using var here = await StartAsync();
        var token = await RegisteredAsync(here.Process);
        var claim = await StartedAsync(here, token);
        here.Process.Storage.Clear();
        for (var n = 0; n < 15; n++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(TimeSpan.FromSeconds(60), (await RenewAsync(here.Process, token, claim)).Value!.Lease);
        }

        Assert.Equal(15, Writes(here.Process));

        // Told each second, which no worker does: the last one is on record all the same.
        here.Process.Storage.Clear();
        var said = "";
        for (var second = 0; second < 60; second++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(1));
            var answer = await RenewAsync(here.Process, token, claim, said = $"step {second}");
            Assert.True(answer.Refusal is null || answer.Refusal.Code == RefusalCodes.ProgressTooOften);
        }

        Assert.InRange(Writes(here.Process), 10, 12);
        here.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null((await RenewAsync(here.Process, token, claim, said)).Refusal);
        Assert.Equal(said, (await here.JobAsync()).Progress);
    }

    [Fact]
    public async Task Another_instance_of_the_server_refuses_a_deleted_worker_within_30_s_and_tells_of_a_drain()
    {
        await using var here = await StartAsync();
        var other = here.NewProcess();
        var token = await RegisteredAsync(here.Process);
        var claim = await StartedAsync(here, token);
        Assert.False((await RenewAsync(other, token, claim)).Value!.Drain);

        await here.Process.Get<WorkerAdministration>().DrainAsync("edge", drain: true, default);
        Assert.True((await RenewAsync(here.Process, token, claim)).Value!.Drain);
        here.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await RenewAsync(other, token, claim)).Value!.Drain);
        Assert.True((await CheckInAsync(other, token)).Value!.Drain);

        Assert.Null(await here.Process.Get<Registering>().DeleteAsync("edge", default));
        Assert.Null(await CallerAsync(here.Process, token));
        here.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await CallerAsync(other, token));
    }

    [Fact]
    public async Task Two_instances_that_take_check_ins_of_one_worker_in_turn_lose_none()
    {
        await using var here = await StartAsync();
        var other = here.NewProcess();
        var token = await RegisteredAsync(here.Process);
        for (var n = 0; n < 6; n++)
        {
            here.Time.Advance(TimeSpan.FromMinutes(1));
            var next = TestWorker.NewToken();
            var answer = await CheckInAsync(n % 2 == 0 ? other : here.Process, token, next);
            Assert.True(answer.Value!.NextTokenAccepted);
            token = next;
        }

        Assert.Equal(here.Time.GetUtcNow(), (await here.Process.Get<WorkerAdministration>().FindAsync("edge", default)).Value!.LastCheckIn);
    }

    [Fact]
    public async Task A_check_in_whose_answer_from_storage_was_lost_is_written_once_and_its_token_is_good()
    {
        await using var here = await StartAsync();
        var token = await RegisteredAsync(here.Process);
        await CheckInAsync(here.Process, token);
        here.Time.Advance(TimeSpan.FromMinutes(1));
        here.Process.Storage.After = operation =>
        {
            if (!operation.IsWrite)
            {
                return Task.CompletedTask;
            }

            here.Process.Storage.After = null;
            throw new HttpRequestException("the answer is lost");
        };
        var next = TestWorker.NewToken();
        var answer = CheckInAsync(here.Process, token, next);
        await here.WaitAsync(() =>
        {
            here.Time.Advance(StorageSettings.RetryDelay);
            return Task.FromResult(answer.IsCompleted);
        });

        Assert.True((await answer).Value!.NextTokenAccepted);
        Assert.NotNull(await CallerAsync(here.Process, next));
    }

    [Fact]
    public async Task A_worker_may_rejoin_for_7_days_after_its_last_sign_of_life()
    {
        await using var here = await StartAsync();
        await RegisteredAsync(here.Process);
        var row = (await here.Process.Get<WorkerStore>().FindAsync("edge", TimeSpan.Zero, default))!;

        here.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(WorkerStates.Offline, row.StateAt(here.Time.GetUtcNow()));
        Assert.Null((await RejoinAsync(here)).Refusal);
        here.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RefusalCodes.RejoinRefused, (await RejoinAsync(here)).Refusal!.Code);
    }

    [Fact]
    public async Task A_pod_that_was_not_seen_for_an_hour_goes_and_tokens_that_have_ended_too()
    {
        await using var here = await StartAsync();
        var token = await RegisteredAsync(here.Process);
        var service = await ServiceTokenAsync(here.Process);
        foreach (var name in (string[])["pods/a", "pods/b", "plain"])
        {
            await CheckInAsync(here.Process, service, worker: name);
        }

        await CheckInAsync(here.Process, token, TestWorker.NewToken());
        here.Time.Advance(TimeSpan.FromMinutes(45));
        await CheckInAsync(here.Process, service, worker: "pods/b");
        here.Time.Advance(TimeSpan.FromMinutes(40));

        Assert.Equal(["edge", "plain", "pods/b"], (await here.Process.Get<WorkerAdministration>().ListAsync(default)).Workers.Select(w => w.Name));
        await here.Process.Get<WorkerCleaning>().CleanAsync(default);
        Assert.Equal(["worker|edge", "worker|plain", "worker|pods:b"], (await here.Table(TableNames.Workers).RangeAsync("workers", "worker|", null, null, default)).Select(r => r.RowKey));
        Assert.Empty(await here.Table(TableNames.Workers).RangeAsync("workers", "hash|", null, null, default));
    }

    [Fact]
    public async Task A_started_job_of_a_silent_worker_is_adopted_whenever_it_returns_before_the_takeover_time()
    {
        await using var here = await StartAsync();
        var token = await RegisteredAsync(here.Process);
        var claim = await StartedAsync(here, token);
        Assert.Equal(TimeSpan.FromHours(1), claim.Job.Deadline);
        for (var minutes = 0; minutes < 60; minutes += 10)
        {
            here.Time.Advance(TimeSpan.FromMinutes(10));
            await here.ObserveAsync();
        }

        token = TestWorker.NewToken();
        Assert.Null((await RejoinAsync(here, token)).Refusal);
        var returned = await here.Process.Get<Claims>().ReturnAsync(new("edge", s_instance, "north", "a-new-process"), (await CallerAsync(here.Process, token))!, default);
        var mine = Assert.Single(returned.Value!.Jobs);
        Assert.Equal((claim.Job.Id, 2, 1), (mine.Job.Id, mine.Attempt, mine.Run));
        var report = new ReportRequest("edge", s_instance, 2, 1, ReportWords.Succeeded, LogTail: "done");
        Assert.Equal("succeeded", (await here.Process.Get<RunCalls>().ReportAsync(mine.Job.Id, report, (await CallerAsync(here.Process, token))!, default)).Value!.Outcome);
        Assert.Equal("done", Assert.Single(await here.FinishAsync()).Log);
    }

    private async Task<InstallationOnAzurite> StartAsync(params (string, string?)[] settings)
    {
        var here = await InstallationOnAzurite.StartAsync(azurite, settings);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(
            InstallationManifests.Source("app", here.Uri), WorkersPlace.Action("edge", "worker: {name: edge}, activeDeadlineSeconds: 3600"), InstallationManifests.Trigger("app", "app", "edge"));
        return here;
    }

    private static WorkerAbout About { get; } = new("1", "kubernetes", "north", 5, TimeSpan.FromMinutes(1));

    private static async Task<string> RegisteredAsync(InstallationProcess process)
    {
        var added = await process.Get<Registering>().AddAsync(new("edge"), "a test", default);
        var token = TestWorker.NewToken();
        var answer = await process.Get<Registering>().RegisterAsync(
            new("edge", s_instance, TokenValue.HashOf(token), s_publicKey, About), (await CallerAsync(process, added.Value!.RegistrationToken))!, default);
        Assert.Null(answer.Refusal);
        return token;
    }

    private static async Task<string> ServiceTokenAsync(InstallationProcess process) =>
        (await process.Get<TokenStore>().CreateAsync(new() { Description = "workers", Scopes = Scope.Worker }, "a test", default)).Value!.Value;

    private static Task<Caller?> CallerAsync(InstallationProcess process, string token) => process.Get<TokenVerification>().VerifyAsync(token, default);

    private static async Task<Answer<CheckInAnswer>> CheckInAsync(InstallationProcess process, string token, string? next = null, string worker = "edge") =>
        await process.Get<CheckingIn>().CheckInAsync(
            new(worker, s_instance, About, "idle", [], null, next is null ? null : TokenValue.HashOf(next)), (await CallerAsync(process, token))!, default);

    private static async Task<Answer<ClaimOutcome>> ClaimAsync(InstallationProcess process, string token, TimeSpan? wait = null, string worker = "edge") =>
        await process.Get<Claims>().ClaimAsync(new(worker, s_instance, "north", "kubernetes", Chance.System.NewId(), 5, Wait: wait), (await CallerAsync(process, token))!, default, default);

    private static async Task<Answer<RenewAnswer>> RenewAsync(InstallationProcess process, string token, ClaimAnswer claim, string? progress = null) =>
        await process.Get<RunCalls>().RenewAsync(claim.Job.Id, new("edge", s_instance, claim.Attempt, progress, claim.Run), (await CallerAsync(process, token))!, default);

    private static async Task<ClaimAnswer> StartedAsync(InstallationOnAzurite here, string token)
    {
        await here.DeliverChecksAsync();
        var claim = (await ClaimAsync(here.Process, token)).Value!.Claim!;
        var caller = (await CallerAsync(here.Process, token))!;
        Assert.Null((await here.Process.Get<RunCalls>().StartAsync(claim.Job.Id, new("edge", s_instance, claim.Attempt, claim.Key), caller, default)).Refusal);
        return claim;
    }

    // Its key is thrown away: what is looked at here is the time, by a key that the test puts in its place.
    private static async Task<Answer<RegisterAnswer>> RejoinAsync(InstallationOnAzurite here, string? token = null)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var store = here.Process.Get<WorkerStore>();
        var worker = (await store.FindAsync("edge", TimeSpan.Zero, default))!;
        await store.WriteAsync(worker with { PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) }, [], default);
        var (hash, at) = (TokenValue.HashOf(token ?? TestWorker.NewToken()), Rfc3339.Text(here.Time.GetUtcNow()));
        var signed = key.SignData(
            System.Text.Encoding.UTF8.GetBytes(RejoinText.Of("edge", s_instance, hash, at)),
            System.Security.Cryptography.HashAlgorithmName.SHA256,
            System.Security.Cryptography.DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return await here.Process.Get<Registering>().RejoinAsync(new("edge", s_instance, hash, at, Convert.ToBase64String(signed)), default);
    }

    private static int Writes(InstallationProcess process) => process.Storage.Operations.Count(o => o.IsWrite && o.Name == TableNames.Live);

    private static async Task CountAsync(InstallationProcess process, int most, Func<Task> call)
    {
        process.Storage.Clear();
        await call();
        Assert.True(process.Storage.Operations.Count <= most, process.Storage.Describe());
    }
}

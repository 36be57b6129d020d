using Microsoft.Extensions.DependencyInjection;
using Pushcart.Jobs.Views;
using Pushcart.Providers.GitHub;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Support.GitHub;
using Pushcart.Triggers.Status;
using Pushcart.Webhooks.Managed;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Providers;

/// <summary>The whole product and a server that answers like GitHub: each request and each answer is checked against GitHub's description of its API.</summary>
[Collection("azurite")]
public sealed class GitHubTests(AzuriteFixture azurite)
{
    private const string Name = "octo/hello.git";

    [Fact]
    public async Task A_job_is_told_as_pending_and_then_as_it_ended()
    {
        await using var place = await PlaceAsync();
        var (here, gitHub) = (place.Here, place.Server.GitHub);
        var commit = place.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Git.UriOf(Name)), Action("build", here.WaitsFor("go") + "; exit 3"), Trigger("app", "app", "build"));
        await here.CheckAgainAsync();
        var id = (await here.JobAsync()).Id;

        // One that ends between two passes is told of its end alone.
        await here.UntilAsync(() => Task.FromResult(gitHub.Statuses.Count > 0));
        here.LetGo("go");
        await here.FinishAsync();

        Assert.Equal(["pending", "failure"], gitHub.Statuses.Select(s => (string?)s.Status["state"]));
        Assert.All(gitHub.Statuses, s => Assert.Equal(
            ("octo/hello", commit, "pushcart/default/app", $"https://pushcart.example.com/api/jobs/{id}"),
            (s.Repository, s.Commit, (string?)s.Status["context"], (string?)s.Status["target_url"])));
        Assert.Contains("with exit code 3", (string?)gitHub.Statuses[1].Status["description"], StringComparison.Ordinal);
        Assert.Empty(place.Server.Faults);
    }

    [Fact]
    public async Task A_job_that_a_newer_one_supersedes_is_told_too_and_an_outage_of_GitHub_changes_no_end()
    {
        await using var place = await PlaceAsync();
        var (here, gitHub) = (place.Here, place.Server.GitHub);
        var first = place.Repository.Commit("a", "1");
        await here.ApplyAsync(
            Source("app", here.Git.UriOf(Name)), Action("build", more: ", concurrency: {cancelSuperseded: true}"), Trigger("app", "app", "build"));
        await here.CheckAgainAsync();
        await here.TakeAsync(QueueNames.Jobs);
        gitHub.Intercept = r => r.Path.Contains("/statuses/", StringComparison.Ordinal) ? GitHubStandIn.Error(503, "Unavailable") : null;
        await here.ObserveAsync();
        var second = place.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        await here.UntilAsync(async () => (await here.FinishedAsync()).Count == 2, TimeSpan.FromSeconds(1));

        // History has both, and their rows wait for GitHub.
        Assert.Equal(["Cancelled", "Succeeded"], (await here.FinishedAsync()).Select(f => f.Job.Outcome.ToString()));
        Assert.Equal(2, (await here.JobsAsync()).Count);
        Assert.Empty(gitHub.Statuses);

        gitHub.Intercept = null;
        await here.FinishAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(
            [(first, "error", "Superseded by a newer commit"), (second, "success", null)],
            gitHub.Statuses.Select(s => (s.Commit, (string?)s.Status["state"], s.Commit == first ? (string?)s.Status["description"] : null)).OrderByDescending(s => s.Commit == first));
        Assert.Empty(place.Server.Faults);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_report_keeps_its_log_though_its_run_is_gone()
    {
        await using var place = await PlaceAsync();
        var (here, gitHub) = (place.Here, place.Server.GitHub);
        place.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Git.UriOf(Name)), Action("build", "echo it was built"), Trigger("app", "app", "build"));
        gitHub.Intercept = r => r.Path.Contains("/statuses/", StringComparison.Ordinal) ? GitHubStandIn.Error(503, "Unavailable") : null;
        await here.CheckAgainAsync();
        await here.UntilAsync(async () => (await here.FinishedAsync()).Count == 1, TimeSpan.FromSeconds(1));
        var waiting = Assert.Single(await here.JobsAsync());

        foreach (var run in here.RunDirectories())
        {
            Directory.Delete(Path.Combine(here.Runs, run), recursive: true);
        }

        var log = await here.Process.Get<JobLogs>().OpenAsync(waiting.Id, follow: null, AllowedNamespaces.All, CancellationToken.None);
        using var output = new StreamReader(log.Value!);
        Assert.Equal("it was built\n", await output.ReadToEndAsync());
    }

    [Fact]
    public async Task A_webhook_is_made_kept_and_deleted_failed_deliveries_are_asked_for_and_a_refusal_is_the_sources_error()
    {
        await using var place = await PlaceAsync();
        var (here, gitHub) = (place.Here, place.Server.GitHub);
        var hooks = here.Process.Get<ManagedHooks>();
        await here.ApplyAsync(
            Source("app", here.Git.UriOf(Name), ", webhook: {manage: true}"), Action("build"), Trigger("app", "app", "build"));

        gitHub.Intercept = r => r.Path.EndsWith("/hooks", StringComparison.Ordinal) ? GitHubStandIn.Error(403, "Resource not accessible by integration") : null;
        await hooks.PassAsync(default);
        var source = Assert.Single(Assert.Single(await here.Process.Get<TriggerQueries>().AllAsync(AllowedNamespaces.All, default)).Sources);
        Assert.Contains("'Webhooks: read and write'", source.LastError, StringComparison.Ordinal);
        Assert.False(source.Healthy);

        gitHub.Intercept = null;
        await hooks.PassAsync(default);
        var hook = Assert.Single(gitHub.Hooks["octo/hello"]);
        Assert.Equal(("https://pushcart.example.com/hooks/github", 64), (hook.Config["url"], hook.Config["secret"].Length));
        Assert.True(Assert.Single((await here.Process.Get<TriggerQueries>().AllAsync(AllowedNamespaces.All, default))[0].Sources).Healthy);

        foreach (var minute in Enumerable.Range(1, 120))
        {
            gitHub.Deliver(hook.Id, $"event {minute}", here.Time.GetUtcNow().AddMinutes(minute - 200), minute == 7 ? 502 : 202);
        }

        hook.Active = false;
        await hooks.PassAsync(default);
        Assert.True(hook.Active);
        Assert.Equal("event 7", gitHub.Deliveries[hook.Id].Find(d => d.Id == Assert.Single(gitHub.Redelivered))!.Event);

        await here.ApplyAsync(Source("app", here.Git.UriOf(Name)));
        await hooks.PassAsync(default);
        Assert.Empty(gitHub.Hooks["octo/hello"]);
        Assert.Empty(place.Server.Faults);
    }

    private async Task<Place> PlaceAsync()
    {
        InstallationOnAzurite? here = null;
        GitHubServer? server = null;

        // The addresses are known once both have started; the connection is made when it is first used.
        here = await InstallationOnAzurite.StartAsync(
            azurite,
            [("PublicUrl", "https://pushcart.example.com/"), ("Webhooks:Key", new string('k', 32))],
            change: services => services.AddSingleton(_ => new GitHubConnection(
                new()
                {
                    Url = here!.Git.UriOf(""),
                    ApiUrl = server!.Url + "/api/v3",
                    AppId = "7",
                    PrivateKey = server.GitHub.AppKey.ExportRSAPrivateKeyPem(),
                },
                here.Time)));
        server = await GitHubServer.StartAsync(here.Time);
        server.GitHub.Repositories.Add("octo/hello");
        server.GitHub.Token = null;
        return new(here, server, here.NewRepository(Name));
    }

    private sealed record Place(InstallationOnAzurite Here, GitHubServer Server, TestRepository Repository) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Repository.Dispose();
            await Server.DisposeAsync();
            await Here.DisposeAsync();
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Tests.Support.GitHub;
using Pushcart.Tests.Unit.Providers.GitHub;
using Pushcart.Tests.Unit.Storage;
using Pushcart.Triggers;
using Pushcart.Webhooks;
using Pushcart.Webhooks.Managed;

namespace Pushcart.Tests.Unit.Webhooks.Managed;

/// <summary>Managed webhooks on the stand-in of GitHub, with rows in memory; each pass is one of the timer.</summary>
public sealed class ManagedHooksTests : IAsyncLifetime, IDisposable
{
    private const string Url = "https://pushcart.example.com/hooks/github";
    private const string Repository = "https://github.com/octo/hello";
    private static readonly ManagedSecret s_secret = new(new string('k', 32));
    private readonly GivenGitHub _given = new();
    private readonly MemoryStorage _storage;
    private readonly LiveSources _live;
    private readonly ResourceStore _resources;
    private string? _url = "https://pushcart.example.com";

    public ManagedHooksTests()
    {
        _storage = new(_given.Time);
        _live = new(_storage.Clients.Table(TableNames.Live));
        _resources = new(_storage.Clients.Table(TableNames.Resources), _given.Time, Chance.System, NullLogger<ResourceStore>.Instance);
    }

    public async Task InitializeAsync()
    {
        await _storage.Clients.CreateAsync(default);
        await ApplyAsync(("app", Repository, true));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _given.Dispose();
        _storage.Dispose();
    }

    [Fact]
    public async Task A_webhook_is_made_once_and_its_secret_is_stored_nowhere()
    {
        await PassAsync();
        await PassAsync();

        var hook = Assert.Single(Hooks);
        var secret = s_secret.Of(Repository, ManagedSecret.PeriodOf(_given.Time.GetUtcNow()));
        Assert.Equal((Url, "json", "0", secret), (hook.Config["url"], hook.Config["content_type"], hook.Config["insecure_ssl"], hook.Config["secret"]));
        var row = await RowAsync();
        Assert.Equal((hook.Id, "github", Url, null), (row.HookId, row.Provider, row.Url, row.Error));
        Assert.Single(_given.GitHub.Requests, r => r.Method == "POST" && r.Path.EndsWith("/hooks", StringComparison.Ordinal));
        Assert.DoesNotContain(_storage.Writes, w => w.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sources_of_one_repository_in_any_form_share_its_webhook()
    {
        await ApplyAsync(("app", Repository, true), ("same", "git@github.com:Octo/Hello.git", true), ("other", "https://github.com/octo/other", true), ("free", "https://github.com/octo/free", false));

        await PassAsync();

        Assert.Single(Hooks);
        Assert.Single(_given.GitHub.Hooks["octo/other"]);
        Assert.Equal(2, (await _live.HooksAsync(default)).Count);
        Assert.False(_given.GitHub.Hooks.ContainsKey("octo/free"));
    }

    [Fact]
    public async Task Nothing_changes_where_all_is_well_and_nothing_is_written()
    {
        await PassAsync();
        _storage.Writes.Clear();
        var before = _given.GitHub.Requests.Count;

        await PassAsync();

        Assert.Equal(["GET", "GET"], _given.GitHub.Requests.Skip(before).Select(r => r.Method));
        Assert.Empty(_storage.Writes);
    }

    [Theory]
    [InlineData("url")]
    [InlineData("events")]
    [InlineData("active")]
    [InlineData("secret")]
    public async Task What_somebody_has_changed_is_repaired(string what)
    {
        await PassAsync();
        var hook = Hooks[0];
        var secret = hook.Config["secret"];
        switch (what)
        {
            case "url":
                hook.Config["url"] = "https://elsewhere.example";
                break;
            case "events":
                hook.Events.Clear();
                break;
            case "active":
                hook.Active = false;
                break;
            default:
                hook.Config.Remove("secret");
                break;
        }

        await PassAsync();

        Assert.Equal((Url, secret, "push", true), (hook.Config["url"], hook.Config["secret"], Assert.Single(hook.Events), hook.Active));
    }

    [Fact]
    public async Task A_secret_that_was_changed_shows_in_deliveries_that_were_not_accepted()
    {
        await PassAsync();
        var hook = Hooks[0];
        var secret = hook.Config["secret"];
        hook.Config["secret"] = "another";
        var delivery = _given.GitHub.Deliver(hook.Id, "event", _given.Time.GetUtcNow(), 401);

        await PassAsync();

        Assert.Equal(secret, hook.Config["secret"]);
        Assert.Equal([delivery], _given.GitHub.Redelivered);
    }

    [Fact]
    public async Task Another_PublicUrl_moves_the_webhook()
    {
        await PassAsync();
        _url = "https://new.example.com";

        await PassAsync();

        Assert.Equal("https://new.example.com/hooks/github", Assert.Single(Hooks).Config["url"]);
        Assert.Equal("https://new.example.com/hooks/github", (await RowAsync()).Url);
    }

    [Fact]
    public async Task The_secret_changes_with_its_period_and_the_one_before_is_still_accepted()
    {
        await PassAsync();
        var first = Hooks[0].Config["secret"];

        _given.Time.Advance(ManagedSecret.Period);
        Assert.Contains(first, s_secret.Accepted(Repository, _given.Time.GetUtcNow()));
        await PassAsync();

        var second = Hooks[0].Config["secret"];
        Assert.NotEqual(first, second);
        Assert.Contains(second, s_secret.Accepted(Repository, _given.Time.GetUtcNow()));
        Assert.Equal(ManagedSecret.PeriodOf(_given.Time.GetUtcNow()), (await RowAsync()).Period);
    }

    [Fact]
    public async Task One_that_is_there_already_is_adopted_and_repaired()
    {
        _given.GitHub.Hooks["octo/hello"] = [new() { Id = 5, Config = new() { ["url"] = Url, ["secret"] = "old" }, Events = ["issues"], Active = false }];

        await PassAsync();

        var hook = Assert.Single(Hooks);
        Assert.Equal((5, "push", true, "json"), (hook.Id, Assert.Single(hook.Events), hook.Active, hook.Config["content_type"]));
        Assert.NotEqual("old", hook.Config["secret"]);
        Assert.Equal(5, (await RowAsync()).HookId);
    }

    [Fact]
    public async Task One_that_another_pass_makes_meanwhile_is_adopted()
    {
        _given.GitHub.Intercept = r =>
        {
            if (r.Method == "POST" && r.Path.EndsWith("/hooks", StringComparison.Ordinal))
            {
                _given.GitHub.Intercept = null;
                _given.GitHub.Hooks["octo/hello"].Add(new() { Id = 5, Config = new() { ["url"] = Url }, Events = ["push"] });
            }

            return null;
        };

        await PassAsync();

        Assert.Equal(5, Assert.Single(Hooks).Id);
        Assert.Equal((5, null), ((await RowAsync()).HookId, (await RowAsync()).Error));
    }

    [Fact]
    public async Task One_that_was_deleted_is_made_anew()
    {
        await PassAsync();
        var first = Hooks[0].Id;
        Hooks.Clear();

        await PassAsync();

        Assert.NotEqual(first, Assert.Single(Hooks).Id);
        Assert.Equal(Hooks[0].Id, (await RowAsync()).HookId);
    }

    [Theory]
    [InlineData("manage")]
    [InlineData("source")]
    public async Task One_that_is_managed_no_more_is_deleted_with_its_row(string what)
    {
        await PassAsync();

        await (what == "manage" ? ApplyAsync(("app", Repository, false)) : ApplyAsync(("other", "https://github.com/octo/free", false)));
        await PassAsync();

        Assert.Empty(Hooks);
        Assert.Empty(await _live.HooksAsync(default));
    }

    [Fact]
    public async Task One_that_was_about_to_be_made_when_its_process_died_is_deleted_too()
    {
        // GitHub has made it, but nobody heard of it.
        _given.GitHub.Intercept = r =>
        {
            if (r.Method == "POST" && r.Path.EndsWith("/hooks", StringComparison.Ordinal))
            {
                _given.GitHub.Hooks["octo/hello"].Add(new() { Id = 5, Config = new() { ["url"] = Url }, Events = ["push"] });
                return GitHubStandIn.Error(502, "Bad Gateway");
            }

            return null;
        };
        await PassAsync();
        Assert.Null((await RowAsync()).HookId);

        await ApplyAsync(("app", Repository, false));
        await PassAsync();

        Assert.Empty(Hooks);
        Assert.Empty(await _live.HooksAsync(default));
    }

    [Theory]
    [InlineData(403, "Resource not accessible by integration", "'Webhooks: read and write'")]
    [InlineData(404, "Not Found", "is the App or the token allowed to see it")]
    public async Task What_GitHub_refuses_stands_as_the_error_until_it_is_mended(int status, string message, string next)
    {
        _given.GitHub.Intercept = r => r.Path.Contains("/hooks", StringComparison.Ordinal) ? GitHubStandIn.Error(status, message) : null;
        await PassAsync();
        var error = (await RowAsync()).Error;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains(next, error, StringComparison.Ordinal);

        _given.GitHub.Intercept = null;
        await PassAsync();

        Assert.Null((await RowAsync()).Error);
        Assert.Single(Hooks);
    }

    [Fact]
    public async Task GitHubs_limit_of_20_stands_as_the_error()
    {
        _given.GitHub.Hooks["octo/hello"] = [.. Enumerable.Range(1, 20).Select(i => new GitHubStandInHook { Id = i, Config = new() { ["url"] = $"https://{i}" }, Events = ["push"] })];

        await PassAsync();

        Assert.Contains("cannot have more than 20 hooks", (await RowAsync()).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PublicUrl")]
    [InlineData("Webhooks:Key")]
    [InlineData("GitHub:AppId")]
    public async Task What_is_not_configured_stands_as_the_error(string what)
    {
        _url = what == "PublicUrl" ? null : _url;
        using var nobody = new GivenGitHub(app: false, s => s with { Token = null });

        await PassAsync(what == "Webhooks:Key" ? new(null) : null, what == "GitHub:AppId" ? nobody : null);

        Assert.Contains(what, (await RowAsync()).Error, StringComparison.Ordinal);
        Assert.Empty(_given.GitHub.Requests);
    }

    [Fact]
    public async Task Failed_deliveries_of_3_days_are_asked_for_again_once()
    {
        await PassAsync();
        var id = Hooks[0].Id;
        var now = _given.Time.GetUtcNow();
        _given.GitHub.Deliver(id, "too old", now.AddDays(-3).AddMinutes(-1), 502);
        var first = _given.GitHub.Deliver(id, "first", now.AddDays(-3).AddMinutes(1), 502);
        _given.GitHub.Deliver(id, "good", now.AddHours(-3), 202);
        _given.GitHub.Deliver(id, "asked", now.AddHours(-2), 500);
        _given.GitHub.Deliver(id, "asked", now.AddHours(-1), 500, redelivery: true);
        var silent = _given.GitHub.Deliver(id, "silent", now.AddMinutes(-2), 0);
        _given.GitHub.Deliver(id, "mended", now.AddMinutes(-2), 503);
        _given.GitHub.Deliver(id, "mended", now.AddMinutes(-1), 200, redelivery: true);

        await PassAsync();
        Assert.Equal([first, silent], _given.GitHub.Redelivered);
        Assert.Equal(now.AddMinutes(-2), (await RowAsync()).Seen);

        // The stand-in's redeliveries fail too.
        _given.Time.Advance(TimeSpan.FromHours(1));
        await PassAsync();
        Assert.Equal(2, _given.GitHub.Redelivered.Count);
    }

    [Fact]
    public async Task A_sweep_that_meets_a_limit_goes_on_where_it_stopped()
    {
        await PassAsync();
        var id = Hooks[0].Id;
        var deliveries = Enumerable.Range(1, 3).Select(i => _given.GitHub.Deliver(id, $"event {i}", _given.Time.GetUtcNow().AddMinutes(i - 60), 502)).ToList();
        _given.GitHub.Intercept = r => r.Path.EndsWith($"/{deliveries[1]}/attempts", StringComparison.Ordinal) ? GitHubStandIn.Error(429, "slow down", ("Retry-After", "60")) : null;
        await PassAsync();
        Assert.Equal([deliveries[0]], _given.GitHub.Redelivered);

        _given.GitHub.Intercept = null;
        _given.Time.Advance(TimeSpan.FromHours(1));
        await PassAsync();

        Assert.Equal(deliveries, _given.GitHub.Redelivered);
    }

    private List<GitHubStandInHook> Hooks => _given.GitHub.Hooks["octo/hello"];

    private async Task<HookState> RowAsync() => Assert.Single(await _live.HooksAsync(default));

    private Task PassAsync(ManagedSecret? secret = null, GivenGitHub? given = null) => new ManagedHooks(
        _live,
        _resources,
        new([(given ?? _given).Hooks], secret ?? s_secret, new PublicUrl(_url), _given.Time, NullLogger<HookUpkeep>.Instance),
        new(_given.Time, NullLogger<Redelivering>.Instance),
        NullLogger<ManagedHooks>.Instance).PassAsync(default);

    private async Task ApplyAsync(params (string Name, string Uri, bool Manage)[] sources)
    {
        var result = await _resources.ApplyAsync([.. sources.Select(Manifest)], prune: true, default);
        Assert.Empty(result.Errors);
    }

    private static Manifest Manifest((string Name, string Uri, bool Manage) source)
    {
        var spec = new GitRepoSpec { RepoUri = source.Uri, ManageWebhook = source.Manage };
        return new(new(ResourceKind.GitRepo, "team", source.Name), spec, SpecReader.ToJson(spec), "test");
    }
}

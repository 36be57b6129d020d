using Pushcart.Providers;
using Pushcart.Tests.Support.GitHub;

namespace Pushcart.Tests.Unit.Providers.GitHub;

public sealed class GitHubHooksTests : IDisposable
{
    private static readonly HookTarget s_target = new("https://pushcart.example.com/hooks/github", "secret");
    private readonly GivenGitHub _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task A_webhook_is_made_signed_in_JSON_over_checked_TLS_and_told_pushes()
    {
        var made = await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default);

        Assert.Equal((ProviderResult.Done, s_target.Url, true), (made.Result, made.Value!.Url, made.Value.AsItShouldBe));
        Assert.Equal(
            """{"name":"web","config":{"url":"https://pushcart.example.com/hooks/github","content_type":"json","secret":"secret","insecure_ssl":"0"},"events":["push"],"active":true}""",
            _given.GitHub.Requests[^1].Body);
        Assert.Equal(made.Value, (await _given.Hooks.FindAsync(GivenGitHub.Repository, made.Value.Id, default)).Value);
        Assert.Equal(made.Value, Assert.Single((await _given.Hooks.ListAsync(GivenGitHub.Repository, default)).Value!));
    }

    [Fact]
    public async Task One_that_is_there_already_and_one_too_many_are_told_apart()
    {
        await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default);
        Assert.Equal(ProviderResult.Exists, (await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default)).Result);

        _given.GitHub.Hooks["octo/hello"].AddRange(Enumerable.Range(0, 19).Select(i => new GitHubStandInHook { Id = 200 + i, Config = new() { ["url"] = $"https://{i}" }, Events = ["push"] }));
        var refused = await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target with { Url = "https://other" }, default);
        Assert.Equal(ProviderResult.Refused, refused.Result);
        Assert.Contains("cannot have more than 20 hooks", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("events")]
    [InlineData("active")]
    [InlineData("content_type")]
    [InlineData("insecure_ssl")]
    [InlineData("secret")]
    public async Task One_that_was_changed_is_not_as_it_should_be_and_is_repaired(string what)
    {
        var id = (await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default)).Value!.Id;
        var hook = _given.GitHub.Hooks["octo/hello"][0];
        switch (what)
        {
            case "events":
                hook.Events.Add("issues");
                break;
            case "active":
                hook.Active = false;
                break;
            case "secret":
                hook.Config.Remove("secret");
                break;
            default:
                hook.Config[what] = what == "insecure_ssl" ? "1" : "form";
                break;
        }

        Assert.False((await _given.Hooks.FindAsync(GivenGitHub.Repository, id, default)).Value!.AsItShouldBe);
        Assert.True((await _given.Hooks.RepairAsync(GivenGitHub.Repository, id, s_target, default)).Value!.AsItShouldBe);
        Assert.Equal(("secret", "push"), (hook.Config["secret"], Assert.Single(hook.Events)));
    }

    [Fact]
    public async Task Deliveries_are_read_page_after_page_as_far_back_as_is_asked()
    {
        var id = (await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default)).Value!.Id;
        var start = _given.Time.GetUtcNow();
        foreach (var minute in Enumerable.Range(0, 250))
        {
            _given.GitHub.Deliver((int)id, $"event {minute}", start.AddMinutes(minute), minute % 2 == 0 ? 200 : 502);
        }

        var all = await _given.Hooks.DeliveriesAsync(GivenGitHub.Repository, id, start.AddMinutes(99), default);

        Assert.Equal(Enumerable.Range(100, 150).Reverse().Select(m => $"event {m}"), all.Value!.Select(d => d.Event));
        Assert.Equal((502, false), (all.Value![0].StatusCode, all.Value[0].Succeeded));
        Assert.Equal(2, _given.GitHub.Requests.Count(r => r.Path.EndsWith("/deliveries", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_delivery_is_asked_for_again_and_a_webhook_deleted_once()
    {
        var id = (await _given.Hooks.CreateAsync(GivenGitHub.Repository, s_target, default)).Value!.Id;
        var delivery = _given.GitHub.Deliver((int)id, "event", _given.Time.GetUtcNow(), 502);

        Assert.Equal(ProviderResult.Done, (await _given.Hooks.RedeliverAsync(GivenGitHub.Repository, id, delivery, default)).Result);
        Assert.Equal([delivery], _given.GitHub.Redelivered);
        Assert.Equal(ProviderResult.Done, (await _given.Hooks.DeleteAsync(GivenGitHub.Repository, id, default)).Result);
        Assert.Equal(ProviderResult.Missing, (await _given.Hooks.DeleteAsync(GivenGitHub.Repository, id, default)).Result);
    }
}

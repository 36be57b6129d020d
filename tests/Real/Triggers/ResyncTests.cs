using Pushcart.Tests.Support;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>A push whose webhook was lost is found by looking, once an hour, where a provider tells of pushes.</summary>
[Collection("azurite")]
public sealed class ResyncTests(AzuriteFixture azurite)
{
    private const string Hooked = """
        apiVersion: pushcart.dev/v1
        kind: WebhookTrigger
        metadata: {name: app}
        spec: {sources: {names: [app]}, action: {kind: Action, name: build}}
        """;

    [Theory]
    [InlineData(true, "", 2)]
    [InlineData(false, "", 1)]
    [InlineData(false, ", webhook: {manage: true}", 2)]
    public async Task A_lost_push_is_found_within_the_hour_but_of_a_trigger_that_only_its_own_url_fires(bool pushed, string source, int jobs)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        var applied = await here.ApplyAsync(Source("app", here.Uri, source), Action("build"), Hooked);
        await here.PollAsync();
        Assert.Equal(0, await here.DeliverChecksAsync());
        await here.Process.Get<Owing>().OweAsync(new("event-1", "webhook", [new(applied.Created.Single(r => r.Name.Kind == Pushcart.Resources.ResourceKind.WebhookTrigger).Uid, "app", Pushed: pushed)]), default);
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
        Assert.Equal(pushed, (await here.SourceAsync()).Pushed);

        // Its webhook is lost.
        var lost = here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(61));
        await here.PollAsync();
        await here.DeliverChecksAsync();

        var all = await here.JobsAsync();
        Assert.Equal(jobs, all.Count);
        Assert.Equal(jobs == 2, all.Any(j => j.Commit == lost));
        Assert.Empty(await here.TasksAsync());
    }
}

using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Steering;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Resources;

/// <summary>Resources in a real table.</summary>
[Collection("azurite")]
public sealed class ApplyTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Created_changed_unchanged_and_deleted_are_one_transaction()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var first = await here.ApplyAsync(Source("app", here.Uri), Action("build"), Action("old"), Trigger("app", "app", "build"));
        Assert.Equal(4, first.Created.Count);

        here.Process.Storage.Clear();
        var second = await here.ApplyAsync(prune: true, Source("app", here.Uri), Action("build", "echo changed"), Action("new"), Trigger("app", "app", "build"));

        Assert.Equal("Action default/new", Assert.Single(second.Created).Name.ToString());
        Assert.Equal("Action default/build", Assert.Single(second.Changed).Name.ToString());
        Assert.Equal("Action default/old", Assert.Single(second.Deleted).Name.ToString());
        Assert.Equal(2, second.Unchanged.Count);
        Assert.Single(here.Process.Storage.Operations, o => o.IsWrite);
        Assert.Equal(Assert.Single(first.Created, r => r.Name.Name == "build").Uid, second.Changed[0].Uid);
        Assert.Equal(second.Changed[0].Generation, second.Created[0].Generation);
    }

    [Fact]
    public async Task A_resource_that_a_later_version_wrote_is_neither_changed_nor_pruned()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Action("build"));
        var table = here.Process.Get<StorageClients>().Table(TableNames.Resources);
        var row = (await table.FindAsync(ResourceStore.Partition, "Action|default|build", default))!;
        row[Rows.VersionName] = Rows.Version + 1;
        await table.WriteAsync([Change.Replace(row, row.ETag)], default);
        var written = (await table.FindAsync(ResourceStore.Partition, "Action|default|build", default))!.ETag;

        var changed = await here.Process.Get<Applying>().ApplyAsync(here.Read(Action("build", "echo changed")), prune: false, default);
        await here.ApplyAsync(prune: true, Action("other"));

        Assert.Contains("later version", Assert.Single(changed.Errors), StringComparison.Ordinal);
        Assert.Equal(written, (await table.FindAsync(ResourceStore.Partition, "Action|default|build", default))!.ETag);
    }

    [Fact]
    public async Task Applying_the_same_again_writes_and_sends_nothing()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        string[] manifests = [Source("app", here.Uri), Action("build"), Trigger("app", "app", "build")];
        await here.ApplyAsync(manifests);
        await here.TakeAsync(QueueNames.Checks);

        here.Process.Storage.Clear();
        await here.ApplyAsync(prune: true, manifests);

        Assert.All(here.Process.Storage.Operations, o => Assert.True(o.IsRead, here.Process.Storage.Describe()));
        Assert.Equal(0, await here.LengthAsync(QueueNames.Checks));
    }

    [Fact]
    public async Task The_generation_is_asked_for_at_most_every_5_s_and_the_rest_read_only_when_it_moved()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Source("app", here.Uri));
        var other = here.NewProcess();
        var store = other.Get<ResourceStore>();
        await store.CurrentAsync(0, default);

        other.Storage.Clear();
        here.Time.Advance(TimeSpan.FromSeconds(4.9));
        await store.CurrentAsync(0, default);
        Assert.Empty(other.Storage.Operations);
        here.Time.Advance(TimeSpan.FromSeconds(0.1));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => store.CurrentAsync(0, default)));
        Assert.Equal(["read resources"], other.Storage.Operations.Select(o => o.ToString()));

        // A message of a later generation cannot wait.
        var applied = await here.ApplyAsync(Action("build"));
        other.Storage.Clear();
        var catalog = await store.CurrentAsync(applied.Created[0].Generation, default);
        Assert.NotNull(catalog.Find(applied.Created[0].Uid));
        Assert.Equal(["read resources", "query resources"], other.Storage.Operations.Select(o => o.ToString()));
    }

    [Fact]
    public async Task Two_processes_that_apply_at_once_both_succeed_and_lose_nothing()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var other = here.NewProcess();
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        Task MeetAsync(StorageOperation operation)
        {
            if (!operation.IsWrite || met.Task.IsCompleted)
            {
                return Task.CompletedTask;
            }

            if (Interlocked.Increment(ref waiting) == 2)
            {
                met.SetResult();
            }

            return met.Task;
        }

        (here.Process.Storage.Before, other.Storage.Before) = (MeetAsync, MeetAsync);
        var answers = await Task.WhenAll(
            here.Process.Get<ResourceStore>().ApplyAsync(here.Read(Action("one"), Action("both", "echo 1")), false, default),
            other.Get<ResourceStore>().ApplyAsync(here.Read(Action("two"), Action("both", "echo 2")), false, default));

        Assert.All(answers, a => Assert.Empty(a.Errors));
        var catalog = await here.Process.Get<ResourceStore>().CurrentAsync(ResourceStore.AskNow, default);
        Assert.Equal((3, 2L), (catalog.All.Count, catalog.Generation));
        Assert.Single(answers, a => a.Created.Count == 2);
        Assert.Single(answers, a => a is { Created.Count: 1, Changed.Count: 1 });
    }

    [Fact]
    public async Task A_hundred_changes_are_refused_and_99_are_not()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var actions = Enumerable.Range(0, 100).Select(n => Action($"a{n}")).ToArray();
        var store = here.Process.Get<ResourceStore>();

        var refused = await store.ApplyAsync(here.Read(actions), false, default);
        Assert.Equal("100 resources would change; one transaction takes 99: apply them in several files", Assert.Single(refused.Errors));
        Assert.Empty((await store.CurrentAsync(ResourceStore.AskNow, default)).All);

        Assert.Equal(99, (await store.ApplyAsync(here.Read(actions[1..]), false, default)).Created.Count);
        Assert.Empty((await store.ApplyAsync(here.Read(actions), false, default)).Errors);
        Assert.Equal(100, (await store.CurrentAsync(ResourceStore.AskNow, default)).All.Count);
    }

    [Theory]
    [InlineData("WebhookTrigger", "sources: {names: [app]}, action: {kind: Action, name: build}")]
    [InlineData("ScheduleTrigger", "sources: {names: [app]}, schedule: {interval: 1m}, action: {kind: Action, name: build}, onPush: true")]
    [InlineData("GitRepo", "repoUri: 'https://h/x', webhook: {secretRef: {name: a, key: b}}")]
    [InlineData("GitRepo", "repoUri: 'https://h/x', webhook: {manage: true}")]
    public async Task What_waits_for_webhooks_is_applied(string kind, string spec)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var manifests = here.Read($$"""{apiVersion: pushcart.dev/v1, kind: {{kind}}, metadata: {name: x}, spec: { {{spec}} } }""", Action("build"));
        var result = await here.Process.Get<ResourceStore>().ApplyAsync(manifests, prune: false, CancellationToken.None);

        Assert.Empty(result.Errors);
        Assert.Equal(2, (await here.Process.Get<ResourceStore>().CurrentAsync(ResourceStore.AskNow, CancellationToken.None)).All.Count);
    }

    [Fact]
    public async Task Two_actions_that_give_one_group_different_limits_are_refused_also_one_after_the_other()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Action("one", more: ", concurrency: {group: deploy, limit: 1}"));

        var refused = await here.Process.Get<ResourceStore>().ApplyAsync(
            here.Read(Action("two", more: ", concurrency: {group: deploy, limit: 2}"), Action("three")), false, default);

        Assert.Contains("deploy", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Single((await here.Process.Get<ResourceStore>().CurrentAsync(ResourceStore.AskNow, default)).All);
        await here.ApplyAsync(Action("two", more: ", concurrency: {group: deploy, limit: 2}", ns: "elsewhere"));
    }
}

using Pushcart.Resources;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Status;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers.Status;

/// <summary>A test of a source: one look, each step told, nothing written.</summary>
[Collection("azurite")]
public sealed class SourceTestingTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Each_step_and_its_outcome_is_told_and_nothing_is_written()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("docs/a.md", "1");
        var commit = here.Repository.Commit("b.txt", "1");
        await here.ApplyAsync(
            Source("app", here.Uri),
            Action("build"),
            Trigger("all", "app", "build"),
            Trigger("docs", "app", "build", "files: [docs/]"),
            Trigger("release", "app", "build", "reference: {tag: v1}"));
        await here.TakeAsync(Pushcart.Storage.QueueNames.Checks);
        here.Process.Storage.Clear();

        var test = (await TestAsync(here))!;

        Assert.Equal(("GitRepo default/app", false), (test.Source, test.Ok));
        Assert.Equal(
            [
                "credentials True none are needed",
                "remote True answers, by version 2 of the protocol, object ids of sha1",
                $"branch main True is at {commit}",
                "tag v1 False there is no tag v1",
                "files of ScheduleTrigger default/docs True 1 of 2 are watched",
            ],
            test.Steps.Select(s => $"{s.Step} {s.Ok} {s.Detail}"));
        Assert.DoesNotContain(here.Process.Storage.Operations, o => !o.IsRead);
        Assert.Empty(await here.SourcesAsync());
        Assert.Empty(await here.JobsAsync());
    }

    [Fact]
    public async Task A_source_that_no_trigger_watches_is_asked_for_its_branch_main()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var commit = here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri));

        var test = (await TestAsync(here))!;
        Assert.True(test.Ok);
        Assert.Equal($"is at {commit}", test.Steps[^1].Detail);
        Assert.Equal(1, here.Process.Git.Requests);
    }

    [Fact]
    public async Task A_missing_secret_and_a_refused_password_end_it_with_what_to_do_and_no_value()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, git: new() { Authorization = FailureTests.Basic("me", "right") });
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri, ", authConfig: {type: basic, secretRef: {name: login}}"));

        var missing = Assert.Single((await TestAsync(here))!.Steps);
        Assert.Equal(("credentials", false), (missing.Step, missing.Ok));
        Assert.Contains("default/login", missing.Detail, StringComparison.Ordinal);
        Assert.Equal(0, here.Process.Git.Requests);

        here.Process.Set("Secrets:default:login:username", "me");
        here.Process.Set("Secrets:default:login:password", "wr0ng");
        var refused = (await TestAsync(here))!;
        Assert.Equal(["credentials True read from the secret default/login", "remote False"], refused.Steps.Select((s, i) => i == 0 ? $"{s.Step} {s.Ok} {s.Detail}" : $"{s.Step} {s.Ok}"));
        Assert.Equal(1, here.Process.Git.Requests);
        Assert.DoesNotContain("wr0ng", string.Join('\n', refused.Steps), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_not_there_has_no_test()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);

        Assert.Null(await TestAsync(here));
    }

    private static Task<SourceTest?> TestAsync(InstallationOnAzurite here) =>
        here.Process.Get<SourceTesting>().TestAsync(new ResourceName(ResourceKind.GitRepo, "default", "app"), CancellationToken.None);
}

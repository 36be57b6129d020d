using Pushcart.Git;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Bench;

/// <summary>2,000 sources on one git server: what bounds the rate is the server, and memory stays flat.</summary>
internal static class SourcesBench
{
    private const int Sources = 2_000;

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        var folder = here.Repository.Folder;
        for (var i = 0; i < Sources; i++)
        {
            Directory.CreateSymbolicLink(Path.Combine(here.Repository.Root, $"r{i}.git"), folder);
        }

        // A trigger of 40 sources each; its action waits, for what is measured is the look that finds nothing new.
        var names = Enumerable.Range(0, Sources).Select(i => $"r{i}").ToList();
        foreach (var some in names.Chunk(40))
        {
            await here.ApplyAsync([.. some.Select(name => Source(name, here.Git.UriOf(name + ".git"))), Action("build"), Trigger("t-" + some[0], string.Join(", ", some), "build")]);
        }

        await here.DeliverChecksAsync();
        await RoundAsync(here);
        var before = Measure.Held();

        // The floor: the same questions, 16 at a time, and nothing done with their answers.
        using var git = new GitClient(TimeProvider.System);
        var floor = await Measure.TimeAsync(() => Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = CheckSettings.RemotesAtOnce },
            async (name, stop) => _ = (await git.ListRefsAsync(new(here.Git.UriOf(name + ".git")), ["refs/heads/main"], new GitDialect(), stop)).Value!.Commits.Count));
        var asked = here.Git.RequestCount;
        var round = await RoundAsync(here);
        asked = here.Git.RequestCount - asked;
        if (asked != Sources)
        {
            throw new InvalidOperationException($"{asked} requests were made for {Sources} sources: the bench does not measure what it says");
        }

        return
        [
            new($"{Sources} sources are checked, by one process, in", round.TotalSeconds, 120, "s"),
            new("the same, as a ratio to asking the server and no more", round / floor, 2, "times"),
            new("memory held after a further round", Measure.Held() - before, 5, "MB more"),
        ];
    }

    private static Task<TimeSpan> RoundAsync(InstallationOnAzurite here)
    {
        here.Time.Advance(TimeSpan.FromMinutes(10));
        return Measure.TimeAsync(async () =>
        {
            await here.PollAsync();

            // As a host handles a batch: several messages at once.
            var messages = await here.TakeAsync(Pushcart.Storage.QueueNames.Checks);
            await Parallel.ForEachAsync(messages, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (text, stop) => await here.Process.Get<Checking>().HandleAsync(text, stop));
            here.Process.Storage.Clear();
            here.Process.Log.Clear();
        });
    }
}

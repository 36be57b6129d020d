using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Bench;

/// <summary>A message of 32 remotes, one of which hangs: the other 31 are not delayed by more than its time-out.</summary>
internal static class HangingRemoteBench
{
    private const int Remotes = 32;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        var all = await MessageAsync(azurite, hanging: false);
        var others = await MessageAsync(azurite, hanging: true);
        return
        [
            new($"{Remotes - 1} remotes are decided while another one hangs: delay", (others - all).TotalSeconds, s_timeout.TotalSeconds, "s"),
            new("the same, as a ratio to the message in which none hangs", others / all, 3, "times"),
        ];
    }

    /// <summary>From the delivery of the message to the decision on all sources but the one that may hang.</summary>
    private static async Task<TimeSpan> MessageAsync(AzuriteFixture azurite, bool hanging)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        using var released = new CancellationTokenSource();
        here.OnGitRequest = async (context, stop) =>
        {
            if (hanging && context.Request.RawUrl!.StartsWith("/r0.git/", StringComparison.Ordinal))
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, released.Token);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Response.Abort();
                return true;
            }

            return false;
        };
        here.Repository.Commit("a", "1");
        var names = Enumerable.Range(0, Remotes).Select(i => $"r{i}").ToList();
        names.ForEach(name => Directory.CreateSymbolicLink(Path.Combine(here.Repository.Root, name + ".git"), here.Repository.Folder));
        await here.ApplyAsync([.. names.Select(name => Source(name, here.Git.UriOf(name + ".git"))), Action("build"), Trigger("all", string.Join(", ", names), "build")]);
        var message = (await here.TakeAsync(Pushcart.Storage.QueueNames.Checks)).Single();
        var handling = here.Process.Get<Pushcart.Triggers.Checks.Checking>().HandleAsync(message, CancellationToken.None);
        var taken = await Measure.TimeAsync(() => here.WaitAsync(async () => (await here.SourcesAsync()).Count(s => s.Commit is not null) >= Remotes - 1));
        await released.CancelAsync();
        await handling;
        return taken;
    }
}

using Pushcart.Resources;
using Pushcart.Workers.Serving;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>
/// The registered workers of a life: in every third one, where nothing is counted. They have a chance of their own, so that all other lives are what they would be without them.
/// </summary>
internal sealed class Sites
{
    // Any other number would do.
    private const ulong Apart = 0x5DEECE66D;
    private const int EachOf = 3;
    private readonly Dice dice;
    private readonly List<Site> all = [];

    public Sites(Simulation sim, ulong seed)
    {
        dice = new(seed ^ Apart);
        Settings = new() { TokenLife = dice.Seconds(60, 120), LongPoll = false };
        if (sim.Budget is not null || seed % EachOf != 0)
        {
            return;
        }

        var kinds = Enum.GetValues<SiteKind>().OrderBy(_ => dice.Next()).Take(dice.From(1, 2)).ToList();
        all.AddRange(kinds.Select(kind => new Site(sim, kind, dice.Fork())));
    }

    /// <summary>How often workers check in. Three that are missing, and a worker counts as gone.</summary>
    public static TimeSpan CheckInInterval { get; } = TimeSpan.FromSeconds(20);

    /// <summary>The servers' settings. A claim that waits is told of a job through a semaphore, whose waiters go on in the thread pool: here they are answered at once.</summary>
    public WorkerSettings Settings { get; }

    public IReadOnlyList<Site> All => all;

    /// <summary>Which process has drawn a claim's key.</summary>
    public Dictionary<string, WorkerProcess> Keys { get; } = [];

    /// <summary>How often workers have checked in.</summary>
    public int CheckIns { get; set; }

    public IEnumerable<Cluster> Clusters => all.Select(site => site.Cluster);

    /// <summary>The site of a worker: <c>NAME</c> or <c>NAME/pod</c>.</summary>
    public Site? Of(string? worker) => all.Find(site => site.Name == worker?.Split('/')[0]);

    /// <summary>The action, or the action that asks for one of the workers.</summary>
    public ActionSpec Route(ActionSpec action)
    {
        if (all.Count == 0 || dice.Chance(0.3))
        {
            return action;
        }

        var site = dice.Of(all);
        var selector = dice.From(0, 2) switch
        {
            0 => new WorkerSelector(site.Name, new Dictionary<string, string>()),
            1 => new WorkerSelector(null, Site.SharedLabels),
            _ => new WorkerSelector(site.Name, site.Labels),
        };

        // What waits for a worker that never comes back ends by its own limit.
        var waits = all.Exists(s => s.GoesForGood) ? dice.From(60, 300) : action.Job.JobWaitingTimeoutSeconds;
        return action with { Job = action.Job with { Worker = selector, JobWaitingTimeoutSeconds = waits } };
    }

    public void Begin() => all.ForEach(site => site.Begin());

    public void Repair() => all.ForEach(site => site.Repair());

    /// <summary>All servers are away for days: so are the workers, after a while.</summary>
    public void Rest() => all.ForEach(site => site.Rest());

    public void Wake() => all.ForEach(site => site.Wake());

    public void End() => all.ForEach(site => site.End());
}

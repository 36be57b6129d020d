namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>How the processes of a site are known to the server.</summary>
internal enum SiteKind
{
    /// <summary>One name, added by an admin, with tokens of its own.</summary>
    Registered,

    /// <summary>One name, with a service token.</summary>
    Service,

    /// <summary>Two pods of one name, with a service token.</summary>
    Replicas,
}

/// <summary>
/// A place that servers cannot reach: a cluster, and worker processes of one name, which die, are asked to end, stand still while another one takes their place, are drained and replaced by
/// an admin, and lose their link for seconds, or for longer than a lease or a token lasts.
/// </summary>
internal sealed class Site
{
    private readonly Simulation sim;
    private readonly Dice dice;
    private readonly List<WorkerProcess> alive = [];
    private readonly Admin admin;
    private readonly SiteFaults faults;
    private StateOfSite? last;
    private string? token;
    private int processes;
    private int pods;
    private bool isResting;
    private bool isReplacing;

    public Site(Simulation sim, SiteKind kind, Dice dice)
    {
        (this.sim, Kind, this.dice) = (sim, kind, dice);
        Name = kind.ToString().ToLowerInvariant();
        admin = new(sim, this, dice);
        faults = new(sim, this, dice);
        Cluster = new(sim, dice.Fork(), $"at-{Name}");
        MaxParallelJobs = dice.From(1, 3);
        GoesForGood = dice.Chance(0.15);
        Labels = new Dictionary<string, string>(SharedLabels) { ["site"] = Name };
    }

    /// <summary>Labels that workers of every site have.</summary>
    public static IReadOnlyDictionary<string, string> SharedLabels { get; } = new Dictionary<string, string> { ["zone"] = "north" };

    public SiteKind Kind { get; }

    public string Name { get; }

    public Cluster Cluster { get; }

    public int MaxParallelJobs { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>True where it does not come back once the faults have stopped.</summary>
    public bool GoesForGood { get; }

    /// <summary>When a process of it ended last.</summary>
    public DateTimeOffset? LastEnd { get; private set; }

    /// <summary>Since when it works without faults; null before that, and where it went for good.</summary>
    public DateTimeOffset? RepairedAt { get; private set; }

    /// <summary>Until when its link is cut.</summary>
    public DateTimeOffset CutUntil { get; set; }

    public bool IsCut => CutUntil > sim.Clock.Now;

    /// <summary>True once the faults have stopped.</summary>
    public bool IsRepaired { get; private set; }

    /// <summary>True once the life is over.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Its processes that are alive, oldest first.</summary>
    public IReadOnlyList<WorkerProcess> Alive => alive;

    /// <summary>True where a process may be started.</summary>
    public bool MayStart => !isResting && !HasEnded && token is not null && !(IsRepaired && GoesForGood);

    private int Target => Kind == SiteKind.Replicas ? 2 : 1;

    public void Begin()
    {
        admin.GetToken(value =>
        {
            token = value;
            last = New();
            StartSoon();
        });
        if (sim.Faults.World > 0)
        {
            Next(40, faults.Happen, isFault: true);
        }

        Next(60, Tend);
    }

    /// <summary>The link holds, and one process is there, or as many pods as there should be; or the site is gone for good.</summary>
    public void Repair()
    {
        IsRepaired = true;
        CutUntil = default;
        Cluster.DownUntil = default;
        if (GoesForGood)
        {
            sim.Clock.Tell(Name, "is gone for good");
            alive.ToList().ForEach(process => process.Die());
            return;
        }

        RepairedAt = sim.Clock.Now;
        Tend();
    }

    /// <summary>All servers are away for days.</summary>
    public void Rest()
    {
        isResting = true;
        foreach (var process in alive.ToList())
        {
            sim.Clock.After(dice.Seconds(0, 300), process.Die);
        }
    }

    public void Wake()
    {
        isResting = false;
        StartSoon();
    }

    public void End()
    {
        HasEnded = true;
        alive.ToList().ForEach(process => process.Die());
    }

    /// <summary>A process has ended.</summary>
    public void Died(WorkerProcess process)
    {
        LastEnd = sim.Clock.Now;
        alive.Remove(process);

        // A pod comes back by its name, or another one comes instead; a state is lost now and then, where nothing but an instance is in it.
        var (name, state) = (process.WorkerName, process.State);
        if (Kind != SiteKind.Registered && dice.Chance(Kind == SiteKind.Replicas ? 0.5 : 0.2))
        {
            (name, state) = (NewName(), New());
        }

        sim.Clock.After(IsRepaired ? TimeSpan.FromSeconds(1) : dice.Seconds(1, 70), () =>
        {
            if (MayStart && alive.Count < Target)
            {
                Start(name, state);
            }
        });
    }

    /// <summary>A state that no process has had.</summary>
    public StateOfSite New() => new(sim, dice.Fork());

    /// <summary>A name for a process with a state of its own.</summary>
    public string NewName() => Kind == SiteKind.Replicas ? $"{Name}/p{++pods}" : Name;

    /// <summary>Starts a process.</summary>
    public void Start(string name, StateOfSite state)
    {
        var process = new WorkerProcess(sim, this, name, state, token!, dice.Fork(), $"w{Name[..3]}{++processes}");
        alive.Add(process);
        process.Start();
    }

    private void StartSoon()
    {
        for (var i = alive.Count; i < Target; i++)
        {
            sim.Clock.After(dice.Seconds(0, 30), () =>
            {
                if (MayStart && alive.Count < Target)
                {
                    Start(NewName(), Kind == SiteKind.Replicas ? New() : last ?? New());
                }
            });
        }
    }

    private void Next(double seconds, Action action, bool isFault = false) => sim.Clock.After(dice.Seconds(seconds * 0.1, seconds * 2 / (sim.Faults.World > 0 ? sim.Faults.World : 1)), () =>
    {
        if (IsRepaired && isFault)
        {
            return;
        }

        if (!HasEnded)
        {
            if (!isResting)
            {
                action();
            }

            Next(isResting ? 7200 : seconds, action, isFault);
        }
    });

    // Somebody looks at it now and then.
    private void Tend()
    {
        if (!MayStart)
        {
            return;
        }

        if (IsRepaired)
        {
            // A drain that was answered late may have come after the last one.
            admin.Resume();
            foreach (var process in alive.ToList().SkipLast(Target))
            {
                process.Die();
            }
        }

        if (alive.Count < Target)
        {
            StartSoon();
        }
        else if (Kind == SiteKind.Registered && alive[^1].NeedsAdmin)
        {
            Replace();
        }
    }

    /// <summary>An admin drains one of its workers, for a while.</summary>
    public void Drain(WorkerProcess process, TimeSpan time)
    {
        admin.Drain(process.WorkerName);
        sim.Clock.After(time, admin.Resume);
    }

    /// <summary>An admin lets another process register in place of the one that has.</summary>
    public void Replace()
    {
        if (isReplacing)
        {
            return;
        }

        isReplacing = true;
        sim.Clock.Tell(Name, "is replaced by an admin");
        admin.GetToken(value =>
        {
            (token, isReplacing) = (value, false);
            if (!MayStart)
            {
                return;
            }

            var old = alive.ToList();
            last = New();
            Start(Name, last);
            old.ForEach(process => sim.Clock.After(IsRepaired ? TimeSpan.Zero : dice.Seconds(0, 60), process.Die));
        });
    }
}

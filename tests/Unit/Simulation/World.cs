using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Everybody else: people who push, apply, cancel and delete, and machines that break.</summary>
internal sealed class World
{
    private const string Namespace = "default";
    private static readonly string[] BranchNames = ["main", "dev"];
    private static readonly string[] Intervals = ["1m", "1m", "2m", "10m", "30m", "6h"];
    private readonly Simulation sim;
    private readonly Dice dice;
    private readonly string[] remotes;
    private readonly Dictionary<string, ActionSpec> actions = [];
    private readonly Dictionary<string, ScheduleTriggerSpec> triggers = [];
    private readonly HashSet<string> missing = [];
    private SettingsSpec settings;
    private readonly Senders senders;
    private bool stopped;

    public World(Simulation sim, Dice dice)
    {
        (this.sim, this.dice) = (sim, dice);
        settings = sim.Settings;
        remotes = [.. Enumerable.Range(0, dice.From(1, 3)).Select(i => $"repo{i}")];
        senders = new(sim, dice);
        Requests = new(sim, dice);
        var limit = dice.From(1, 2);
        for (var i = dice.From(1, 2); i > 0; i--)
        {
            actions[$"act{i}"] = sim.Sites.Route(NewAction(limit));
        }

        for (var i = dice.From(1, 4); i > 0; i--)
        {
            triggers[$"trig{i}"] = new()
            {
                Interval = dice.Of(Intervals),
                Action = new(ResourceKind.Action, dice.Of([.. actions.Keys])),
                Sources = new()
                {
                    Names = [.. remotes.Where((r, n) => n == 0 || dice.Chance(0.5))],
                    OnChangeOnly = dice.Chance(0.7),
                    Reference = new(ReferenceType.Branch, dice.Of(BranchNames)),
                },
            };
        }
    }

    /// <summary>People who ask for jobs.</summary>
    public Requests Requests { get; }

    public bool AlwaysFires(string trigger) => !triggers[trigger].Sources.OnChangeOnly;

    public void Begin()
    {
        foreach (var remote in remotes)
        {
            foreach (var branch in BranchNames)
            {
                sim.Remotes.Push(remote, branch);
            }
        }

        sim.Clock.After(TimeSpan.FromSeconds(3), Apply);
        Every(50, () => Push(dice.Of(remotes), dice.Of(BranchNames)), always: true);
        Every(120, senders.RunByHand, always: true);
        Every(150, () => Requests.Ask(dice.Of(remotes), dice.Of(BranchNames), dice.Of([.. actions.Keys])), always: true);
        Every(300, () => AllAtOnce(null));
        Every(90, () => PushSome(12));
        Every(300, () => sim.Remotes.Fail(dice.Of(remotes), dice.Seconds(10, 400)));
        Every(120, () => Edit());
        Every(90, () => Cancel(null));
        Every(200, () => sim.EndOne());
        Every(300, () => TamperOne());
        Every(600, () =>
        {
            sim.Cluster.DownUntil = sim.Clock.Now + dice.Seconds(5, 150);
            sim.Clock.Tell("world", "the executor is down");
        });
    }

    /// <summary>All that was broken works again, and what was missing is there.</summary>
    public void Repair()
    {
        stopped = senders.HaveStopped = Requests.HaveStopped = true;
        sim.Remotes.Repair();
        sim.Cluster.DownUntil = default;
        missing.Clear();
        Apply();
    }

    /// <summary>What always fires is suspended, or the installation would never be idle.</summary>
    public void Calm()
    {
        sim.Ledger.CheckAlwaysFiring();
        foreach (var name in triggers.Keys.Where(AlwaysFires).ToList())
        {
            triggers[name] = triggers[name] with { Suspend = true };
        }

        Apply();
    }

    private ActionSpec NewAction(int groupLimit) => new()
    {
        Job = new()
        {
            Retries = dice.From(0, 2),
            OnLost = dice.Chance(0.3) ? OnLost.Retry : OnLost.Report,
            ActiveDeadlineSeconds = dice.From(20, 120),
            JobWaitingTimeoutSeconds = dice.Chance(0.2) ? dice.From(60, 300) : null,
            TtlSecondsAfterFinished = dice.Of([0, 5, 60, 7200]),
            Concurrency = (sim.Budget is null ? dice.From(0, 3) : dice.From(0, 1)) switch
            {
                0 => null,
                1 => new(null, 1, true),
                2 => new("group", groupLimit, false),
                _ => new("group", groupLimit, true),
            },
        },
    };

    private void Every(double seconds, Action action, bool always = false)
    {
        if (!always && sim.Faults.World == 0)
        {
            return;
        }

        void Next() => sim.Clock.After(dice.Seconds(seconds * 0.1, seconds * (always ? 2 : 2 / sim.Faults.World)), () =>
        {
            if (!stopped)
            {
                // In the days in which nothing of Pushcart runs, an event in an hour shows as much as one in a minute.
                if (!sim.IsAway || dice.Chance(1.0 / 60))
                {
                    action();
                }

                Next();
            }
        });
        Next();
    }

    /// <summary>A push, its webhook and two manual runs at one moment, of a remote that a message asks for.</summary>
    public void AllAtOnce(string? remote)
    {
        if (!stopped)
        {
            senders.AllAtOnce(remote is not null && remotes.Contains(remote) ? remote : dice.Of(remotes), dice.Of(BranchNames));
        }
    }

    private void Push(string remote, string branch)
    {
        sim.Remotes.Push(remote, branch);
        senders.Pushed(remote, branch);
    }

    /// <summary>Several pushes within seconds, some of them while checks are made.</summary>
    public void PushSome(double seconds)
    {
        if (stopped)
        {
            return;
        }

        var (remote, branch) = (dice.Of(remotes), dice.Of(BranchNames));
        for (var i = dice.From(2, 8); i > 0; i--)
        {
            sim.Clock.After(dice.Seconds(0, seconds), () => Push(remote, branch));
        }
    }

    private void Edit()
    {
        var trigger = dice.Of([.. triggers.Keys]);
        switch (dice.From(0, 6))
        {
            case 6:
                settings = settings with { MaxRunningJobs = dice.From(1, 3) };
                break;
            case 0:
                triggers[trigger] = triggers[trigger] with { Suspend = !triggers[trigger].Suspend };
                break;
            case 1:
                triggers[trigger] = triggers[trigger] with { Interval = dice.Of(Intervals) };
                break;
            case 2 or 3:
                // It is gone for a while: an action that is not there, a trigger that is made anew.
                var gone = dice.Chance(0.5) ? trigger : dice.Of([.. actions.Keys]);
                missing.Add(gone);
                sim.Clock.After(dice.Seconds(1, 120), () =>
                {
                    if (!stopped)
                    {
                        missing.Remove(gone);
                        Apply();
                    }
                });
                break;
            default:
                var action = dice.Of([.. actions.Keys]);
                actions[action] = actions[action] with { Job = actions[action].Job with { Retries = dice.From(0, 2), ActiveDeadlineSeconds = dice.From(20, 120) } };
                break;
        }

        Apply();
    }

    private void Apply()
    {
        if (sim.Ready is not { Count: > 0 } ready)
        {
            sim.Clock.After(TimeSpan.FromSeconds(2), Apply);
            return;
        }

        var process = dice.Of(ready);
        var manifests = Manifests();
        var text = sim.Clock.IsTracing ? $"apply {string.Join(", ", manifests.Select(m => $"{m.Name.Name} {m.Json}"))}" : "";
        sim.Budget?.Runs("apply");
        process.Run(text, c => process.Applying.ApplyAsync(manifests, prune: true, c), failure =>
        {
            if (failure is not null)
            {
                sim.Clock.After(TimeSpan.FromSeconds(3), Apply);
            }
        });

        // Whoever died meanwhile did not finish; a person would look, and try again.
        sim.Clock.After(TimeSpan.FromSeconds(50), () =>
        {
            if (!process.IsAlive)
            {
                Apply();
            }
        });
    }

    private List<Manifest> Manifests() =>
    [
        New(ResourceKind.Settings, SettingsSpec.ResourceName, settings),
        .. remotes.Select(r => New(ResourceKind.GitRepo, r, new GitRepoSpec { RepoUri = $"http://git.sim/{r}" })),
        .. actions.Where(a => !missing.Contains(a.Key)).Select(a => New(ResourceKind.Action, a.Key, a.Value)),
        .. triggers.Where(t => !missing.Contains(t.Key)).Select(t => New(ResourceKind.ScheduleTrigger, t.Key, t.Value)),
    ];

    private static Manifest New(ResourceKind kind, string name, Spec spec) => new(new(kind, kind.IsOfCluster() ? null : Namespace, name), spec, SpecReader.ToJson(spec), "world");

    /// <summary>A job has changed: now and then somebody cancels it at that very moment.</summary>
    public void Changed(Job job)
    {
        if (!stopped && job is { State: JobState.Queued, Attempt: 0, IsAskedFor: false } && dice.Chance(0.2 * sim.Faults.World))
        {
            senders.SoonAfter(job.SourceName, job.ReferenceName);
        }

        if (!stopped && job.State != JobState.Ended && dice.Chance(0.04 * sim.Faults.World))
        {
            sim.Clock.After(dice.Seconds(0, 0.3), () => Cancel(job.Id));
        }
    }

    private void Cancel(string? one)
    {
        if (sim.Ready is not { Count: > 0 } ready || sim.Ledger.Live is not { Count: > 0 } live)
        {
            return;
        }

        var process = dice.Of(ready);
        var id = one ?? dice.Of(live).Id;
        var force = dice.Chance(0.3);
        sim.Ledger.Cancels(id, force);
        process.Run($"cancel {id}{(force ? " with force" : "")}", async c =>
        {
            if (await process.Jobs.FindAsync(id, c).ConfigureAwait(false) is { } job)
            {
                await process.Jobs.ApplyAsync(job, new Cancel(process.Time.GetUtcNow(), "somebody", force), null, c).ConfigureAwait(false);
            }
        }, failure =>
        {
            if (failure is null)
            {
                sim.Ledger.CheckCancelled(id);
            }
        });
    }

    private void TamperOne()
    {
        if (sim.Cluster.There.ToList() is { Count: > 0 } runs)
        {
            sim.Cluster.Tamper(dice.Of(runs));
        }
    }
}

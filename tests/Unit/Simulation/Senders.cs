using Pushcart.Resources;
using Pushcart.Triggers.Owed;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// Who sends events: providers of git, which announce pushes to all triggers of a repository, and people who run something by hand. They send again until they are
/// answered, now and then twice, late, to triggers that are suspended or gone, and while much else happens.
/// </summary>
internal sealed class Senders(Simulation sim, Dice dice)
{
    private readonly SortedSet<string> known = new(StringComparer.Ordinal);
    private int events;

    /// <summary>No new ones: what is under way is sent until it is answered.</summary>
    public bool HaveStopped { get; set; }

    /// <summary>A branch was pushed: half of the providers announce it.</summary>
    public void Pushed(string remote, string branch, bool certainly = false)
    {
        if (HaveStopped || sim.IsAway || !(certainly || dice.Chance(0.5)))
        {
            return;
        }

        var late = sim.Faults.World > 0 && dice.Chance(0.2) ? dice.Seconds(0, 90) : dice.Seconds(0, certainly ? 0.5 : 3);
        Announce(remote, branch, sim.Remotes.Branches[(remote, branch)].Heads.Count - 1, late);
    }

    /// <summary>A check has just fired, while replicas may lag: now and then somebody runs something by hand, or the webhook of this push, or of the one before, comes now.</summary>
    public void SoonAfter(string remote, string branch)
    {
        if (HaveStopped || sim.IsAway)
        {
            return;
        }

        if (dice.Chance(0.5))
        {
            sim.Clock.After(dice.Seconds(0, 4), RunByHand);
        }
        else
        {
            Announce(remote, branch, Math.Max(0, sim.Remotes.Branches[(remote, branch)].Heads.Count - dice.From(1, 2)), dice.Seconds(0, 4));
        }
    }

    private void Announce(string remote, string branch, int head, TimeSpan late)
    {
        var commit = dice.Chance(0.8) ? sim.Remotes.Branches[(remote, branch)].Heads[head].Commit : null;
        sim.Clock.After(late, () =>
        {
            var checks = Triggers()
                .Where(t => t.Spec.Sources.Names.Contains(remote) && t.Spec.Sources.Reference.Name == branch)
                .Select(t => new EventCheck(t.Uid, remote, commit))
                .ToList();
            if (sim.Faults.World > 0 && dice.Chance(0.004))
            {
                checks.AddRange(Enumerable.Range(0, 120).Select(n => new EventCheck($"nobody {n}", remote)));
            }

            Send("push", checks, commit is null ? null : (remote, branch, head));
        });
    }

    /// <summary>Somebody runs a trigger by hand, for all of its sources or for one; or means one that is gone.</summary>
    public void RunByHand()
    {
        var triggers = Triggers();
        if (HaveStopped || sim.IsAway || triggers.Count == 0)
        {
            return;
        }

        var (uid, spec) = dice.Of(triggers);
        var gone = sim.Faults.World > 0 && dice.Chance(0.1) && known.Count > 0 ? dice.Of([.. known]) : uid;
        var names = dice.Chance(0.5) ? spec.Sources.Names : [dice.Of(spec.Sources.Names)];
        Send("run", [.. names.Select(n => new EventCheck(gone, n, Force: true))], null);
    }

    /// <summary>A push, its webhook and two manual runs at one moment.</summary>
    public void AllAtOnce(string remote, string branch)
    {
        sim.Remotes.Push(remote, branch);
        Pushed(remote, branch, certainly: true);
        RunByHand();
        RunByHand();
    }

    private List<(string Uid, ScheduleTriggerSpec Spec)> Triggers()
    {
        var found = sim.Ledger.Triggers();
        known.UnionWith(found.Select(t => t.Uid));
        return found;
    }

    private void Send(string kind, List<EventCheck> checks, (string Remote, string Branch, int Head)? announced)
    {
        if (checks.Count > 0)
        {
            var id = $"{kind}-{++events}";
            sim.Ledger.Announces(id, announced);
            Send(new(id, kind == "run" ? $"manual {id}" : $"webhook {id}", checks));
        }
    }

    private void Send(CheckEvent what)
    {
        if (sim.IsAway || sim.Ready is not { Count: > 0 } ready)
        {
            sim.Clock.After(TimeSpan.FromSeconds(sim.IsAway ? 7200 : 5), () => Send(what));
            return;
        }

        var process = dice.Of(ready);
        var ended = false;
        process.Run($"accept {what.Id} of {what.Checks.Count}", c => process.Owing.OweAsync(what, c), failure =>
        {
            ended = true;
            if (failure is not null)
            {
                sim.Clock.After(TimeSpan.FromSeconds(3), () => Send(what));
                return;
            }

            sim.Ledger.Accepted(what.Id);
            if (!HaveStopped && sim.Faults.World > 0 && dice.Chance(0.3))
            {
                sim.Clock.After(dice.Seconds(0, dice.Chance(0.5) ? 2 : 60), () => Send(what));
            }
        });
        if (sim.Faults.World > 0 && dice.Chance(0.1))
        {
            // Twice at the same time, to another process perhaps.
            sim.Clock.After(dice.Seconds(0, 0.2), () => Send(what));
        }

        sim.Clock.After(TimeSpan.FromSeconds(50), () =>
        {
            if (!ended && !process.IsAlive)
            {
                Send(what);
            }
        });
    }
}

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>What goes wrong at a site, besides single calls.</summary>
internal sealed class SiteFaults(Simulation sim, Site site, Dice dice)
{
    /// <summary>One of them happens.</summary>
    public void Happen()
    {
        if (site.Alive.Count == 0)
        {
            return;
        }

        var process = dice.Of(site.Alive);
        switch (dice.From(0, 9))
        {
            case 0 or 1 or 2:
                var time = dice.From(0, 2) switch { 0 => dice.Seconds(1, 20), 1 => dice.Seconds(60, 110), _ => dice.Seconds(100, 260) };
                site.CutUntil = sim.Clock.Now + time;
                sim.Clock.Tell(site.Name, $"its link is cut for {time.TotalSeconds:0} s");
                break;
            case 3:
                process.Die();
                break;
            case 4:
                process.Terminate();
                break;
            case 5 or 6:
                Double(process);
                break;
            case 7:
                site.Drain(process, dice.Seconds(10, 100));
                break;
            case 8 when site.Kind == SiteKind.Registered:
                site.Replace();
                break;
            default:
                if (site.Cluster.There.ToList() is { Count: > 0 } runs && dice.Chance(0.6))
                {
                    site.Cluster.Tamper(dice.Of(runs));
                }
                else
                {
                    site.Cluster.DownUntil = sim.Clock.Now + dice.Seconds(5, 150);
                    sim.Clock.Tell(site.Name, "its executor is down");
                }

                break;
        }
    }

    // It stands still, on a node that was given up; another one takes its place. It goes on all the same, for a while.
    private void Double(WorkerProcess process)
    {
        var stands = dice.Seconds(5, 150);
        process.StandStill(stands);
        var instead = site.Kind == SiteKind.Replicas || (site.Kind == SiteKind.Service && dice.Chance(0.3)) ? (Name: site.NewName(), State: site.New()) : (Name: process.WorkerName, process.State);
        sim.Clock.After(dice.Seconds(0, stands.TotalSeconds), () =>
        {
            if (site.MayStart && !site.IsRepaired && process.IsAlive)
            {
                site.Start(instead.Name, instead.State);
                sim.Clock.After(stands + dice.Seconds(0, 60), () =>
                {
                    if (!site.IsRepaired)
                    {
                        process.Die();
                    }
                });
            }
        });
    }
}

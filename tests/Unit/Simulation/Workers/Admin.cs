using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>Who adds the workers of a site, drains them and lets them go on: each is sent until somebody answers.</summary>
internal sealed class Admin(Simulation sim, Site site, Dice dice)
{
    private readonly HashSet<string> drained = [];

    /// <summary>Gets a registration token, which makes all before it void, or a service token.</summary>
    public void GetToken(Action<string> then)
    {
        string? value = null;
        Send("add", async (server, c) => value = await TokenAsync(server, c).ConfigureAwait(false), () =>
        {
            if (value is null)
            {
                GetToken(then);
            }
            else
            {
                then(value);
            }
        });
    }

    /// <summary>Drains one of them.</summary>
    public void Drain(string name)
    {
        drained.Add(name);
        Send("drain", (server, c) => server.Administration.DrainAsync(name, drain: true, c), () => { });
    }

    /// <summary>Lets all of them go on.</summary>
    public void Resume()
    {
        foreach (var name in drained)
        {
            Send("resume", (server, c) => server.Administration.DrainAsync(name, drain: false, c), () => { });
        }
    }

    private async Task<string?> TokenAsync(Process server, CancellationToken cancellation)
    {
        if (site.Kind == SiteKind.Registered)
        {
            return (await server.Registering.AddAsync(new AddWorkerRequest(site.Name, null, Replace: true), "admin", cancellation).ConfigureAwait(false)).Value?.RegistrationToken;
        }

        var made = await server.Tokens.CreateAsync(new() { Description = "workers", Scopes = Scope.Worker }, "admin", cancellation).ConfigureAwait(false);
        return made.Value?.Value;
    }

    private void Send(string what, Func<Process, CancellationToken, Task> act, Action done)
    {
        if (site.HasEnded)
        {
            return;
        }

        if (sim.IsAway || sim.Ready is not { Count: > 0 } ready)
        {
            sim.Clock.After(TimeSpan.FromSeconds(sim.IsAway ? 7200 : 5), () => Send(what, act, done));
            return;
        }

        var server = dice.Of(ready);
        var ended = false;
        server.Run($"{what} {site.Name}", c => act(server, c), failure =>
        {
            ended = true;
            if (failure is null)
            {
                done();
            }
            else
            {
                sim.Clock.After(dice.Seconds(2, 10), () => Send(what, act, done));
            }
        });
        sim.Clock.After(TimeSpan.FromSeconds(70), () =>
        {
            if (!ended && !server.IsAlive)
            {
                Send(what, act, done);
            }
        });
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>
/// The way from a worker to the servers. A request is lost on its way, or carried out with its answer lost, late or garbled by a proxy; it arrives a second time, up to a minute and a half
/// later; and while the link is cut nothing comes through, in neither direction.
/// </summary>
internal sealed partial class Link(Simulation sim, Site site, WorkerProcess worker, Dice dice) : HttpMessageHandler
{
    private static readonly byte[] Page = Encoding.UTF8.GetBytes("<html><body><h1>Bad Gateway</h1></body></html>");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        sim.Clock.CheckThread();
        var call = Call.Of(request);
        if (call.Uri.AbsolutePath is "/api/workers/claim" or "/api/workers/return" && Key().Match(Encoding.UTF8.GetString(call.Body)) is { Success: true } key)
        {
            sim.Sites.Keys[key.Groups[1].Value] = worker;
        }

        var answer = new TaskCompletionSource<HttpResponseMessage>();
        if (!worker.IsAlive)
        {
            return answer.Task;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        var registration = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        var fate = sim.Faults.Of(dice);
        var late = fate == Fate.AnsweredLate || (fate is Fate.HangsApplied or Fate.FailsApplied && dice.Chance(0.5));
        var there = late && dice.Chance(0.5) ? dice.Seconds(0.005, 15) : dice.Seconds(0.001, 0.03);

        void Answer(Reply? reply)
        {
            if (site.IsCut)
            {
                return;
            }

            if (!worker.GoesOn(() => Answer(reply)))
            {
                return;
            }

            registration.Dispose();
            if (reply is null)
            {
                answer.TrySetException(new HttpRequestException("the connection was reset"));
            }
            else
            {
                answer.TrySetResult(reply.ToResponse(request));
            }
        }

        void Answers(Reply? reply)
        {
            if (fate is not (Fate.HangsApplied or Fate.ProcessDiesApplied))
            {
                sim.Clock.After(late ? dice.Seconds(0.01, 6) : dice.Seconds(0.001, 0.03), () => Answer(fate == Fate.FailsApplied ? Garbled() : reply));
            }
        }

        if (fate is Fate.FailsUnapplied)
        {
            sim.Clock.After(there, () => Answer(Garbled()));
        }
        else if (fate is not (Fate.HangsUnapplied or Fate.ProcessDiesUnapplied))
        {
            sim.Clock.After(there, () => Arrives(call, fate, Answers));
            if (dice.Chance(sim.Faults.Doubled))
            {
                sim.Clock.After(dice.Seconds(0, dice.Chance(0.5) ? 5 : 90), () => Arrives(call, Fate.HangsApplied, _ => { }));
            }
        }

        if (fate is Fate.ProcessDiesApplied or Fate.ProcessDiesUnapplied)
        {
            sim.Clock.After(there, worker.Die);
        }

        return answer.Task;
    }

    // A connection that is reset, or what a proxy says of it: never in Pushcart's words.
    private Reply? Garbled() => dice.From(0, 4) switch
    {
        0 => new(502, Page, "text/html"),
        1 => new(200, Page, "text/html"),
        2 => new(409, Page, "text/html"),
        3 => new(503, []),
        _ => null,
    };

    private void Arrives(Call call, Fate fate, Action<Reply?> answered)
    {
        if (site.IsCut)
        {
            return;
        }

        if (sim.IsAway || sim.Ready is not { Count: > 0 } ready)
        {
            answered(new(502, Page, "text/html"));
            return;
        }

        var server = dice.Of(ready);
        Reply? reply = null;
        server.Run(
            sim.Clock.IsTracing ? $"{call.Uri.AbsolutePath["/api/".Length..]} of {worker.Name}{(fate == Fate.Answered ? "" : $" ({fate})")}" : "",
            async c =>
            {
                reply = await server.WorkerCalls.AnswerAsync(call, c).ConfigureAwait(false);
                if (reply.Status == 200 && call.Uri.AbsolutePath == "/api/workers/check-in")
                {
                    worker.CheckedIn();
                }
            },
            failure =>
            {
                if (sim.Clock.IsTracing)
                {
                    sim.Clock.Tell(server.Name, $"{call.Uri.AbsolutePath["/api/".Length..]} of {worker.Name} → {(failure is null ? Show(reply!) : "503")}");
                }

                answered(failure is null ? reply : ServedCalls.Error(503, "storage.away", "storage does not answer"));
            });
    }

    [GeneratedRegex("\"key\":\"([^\"]+)\"")]
    private static partial Regex Key();

    private static string Show(Reply reply) => reply.Status == 200 ? "200" : $"{reply.Status} {Encoding.UTF8.GetString(reply.Body)}";
}

using Pushcart.Storage;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// What a Functions host does: timers, on one process of several, now and then on two; queue messages, hidden while they are worked on, shown again after a failure,
/// poison after five tries, and given twice, late and out of order.
/// </summary>
internal sealed class Host(Simulation sim, Dice dice)
{
    private const string Prefix = "sim";
    private const int MaxDequeueCount = 5;
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan ShownAgain = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, (Process Process, DateTimeOffset Until)> running = [];

    /// <summary>True while nothing of Pushcart runs, for days.</summary>
    public bool IsAway { get; set; }

    public bool IsIdle => QueueNames.All.All(name => !sim.Queues.Messages(Prefix + name).Any());

    /// <summary>
    /// True while a message from before that time is not done that asks to check what always fires: one whose process died is hidden for ten minutes.
    /// What fires on change only is waited for later, when nothing fires for ever.
    /// </summary>
    public bool HasChecksFrom(DateTimeOffset before)
    {
        var always = sim.Ledger.Triggers().Where(t => t.Spec is { Suspend: false, Sources.OnChangeOnly: false }).Select(t => t.Uid).ToHashSet();
        return sim.Queues.Messages(Prefix + QueueNames.Checks).Concat(sim.Queues.Messages(Prefix + QueueNames.Checks + QueueNames.Poison))
            .Any(m => m.Inserted <= before && (m.Checks.Checks ?? []).Any(c => always.Contains(c.Trigger)));
    }

    public void Begin()
    {
        sim.Queues.Appears = (queue, message) =>
        {
            sim.Ledger.Sent(queue, message);
            sim.Clock.After(message.Visible - sim.Clock.Now + (sim.Budget is null && dice.Chance(0.1) ? dice.Seconds(0.1, 20) : dice.Seconds(0.01, 0.6)), () => Deliver(queue, message));
        };
        Every("Poll", TimeSpan.FromMinutes(1), (p, c) => p.Polling.TickAsync(c));
        Every("Observe", TimeSpan.FromSeconds(dice.Of([15, 30])), (p, c) => p.Observing.PassAsync(c));
        Every("CleanHistory", TimeSpan.FromHours(1), async (p, c) =>
        {
            await p.HistoryCleaning.CleanAsync(c).ConfigureAwait(false);
            await p.SourceCleaning.CleanAsync(c).ConfigureAwait(false);
            await p.DeliveryCleaning.CleanAsync(c).ConfigureAwait(false);
            if (sim.Sites.All.Count > 0)
            {
                await p.WorkerCleaning.CleanAsync(c).ConfigureAwait(false);
            }
        });
    }

    private void Every(string name, TimeSpan period, Func<Process, CancellationToken, Task> function)
    {
        void Tick()
        {
            // Without faults as few passes as can be do as well, and cost less; more seldom would be a gap.
            sim.Clock.After(name == "Observe" && sim.Faults == Faults.None ? Seldom : period, Tick);
            if (IsAway || sim.Ready is not { Count: > 0 } ready)
            {
                return;
            }

            if (running.TryGetValue(name, out var now) && now.Until > sim.Clock.Now && !dice.Chance(sim.Faults.Overlap))
            {
                if (now.Process.IsAlive)
                {
                    return;
                }

                // Its lease is taken over within a minute.
                running[name] = (now.Process, Sooner(now.Until, sim.Clock.Now + TimeSpan.FromSeconds(dice.From(0, 60))));
                return;
            }

            var process = dice.Of(ready);
            running[name] = (process, DateTimeOffset.MaxValue);
            sim.Budget?.Runs(name);
            process.Run(name, c => function(process, c), _ =>
            {
                if (running.TryGetValue(name, out var other) && other.Process == process)
                {
                    running.Remove(name);
                }
            });
        }

        sim.Clock.After(dice.Seconds(0, period.TotalSeconds), Tick);
    }

    private static DateTimeOffset Sooner(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private void Deliver(string queue, QueuedMessage message)
    {
        if (message.Visible > sim.Clock.Now || !sim.Queues.Messages(queue).Contains(message))
        {
            return;
        }

        if (IsAway || sim.Ready is not { Count: > 0 } ready)
        {
            sim.Clock.After(TimeSpan.FromSeconds(IsAway ? 7200 : 5), () => Deliver(queue, message));
            return;
        }

        if (!sim.Queues.Take(queue, message, Hidden))
        {
            return;
        }

        if (message.Dequeued > MaxDequeueCount)
        {
            Poison(queue, message, message.Receipt);
            return;
        }

        if (queue == Prefix + QueueNames.Checks && message.Checks.Checks is [var due, ..])
        {
            // Only by what is scheduled: events that bring about events would have no end.
            if (dice.Chance(sim.Faults.Doubled))
            {
                sim.World.PushSome(5);
            }

            if (dice.Chance(sim.Faults.Doubled / 3))
            {
                sim.World.AllAtOnce(due.Source);
            }
        }
        else if (queue == Prefix + QueueNames.Checks && dice.Chance(sim.Faults.Doubled))
        {
            // A hint is lost: what it tells stands in rows.
            sim.Queues.Delete(queue, message.Id, message.Receipt);
            return;
        }

        sim.Budget?.Handled(queue, message);

        if (dice.Chance(sim.Faults.Doubled))
        {
            var twice = dice.Of(ready);
            sim.Clock.After(dice.Seconds(0, dice.Chance(0.5) ? 5 : 30), () =>
            {
                if (twice.IsReady)
                {
                    twice.Run($"{queue} (given twice) {message.Text}", c => Function(twice, queue, message.Text, c), _ => { });
                }
            });
        }

        var process = dice.Of(ready);
        var receipt = message.Receipt;
        var started = sim.Clock.Now;
        process.Run($"{queue} {message.Text}", c => Function(process, queue, message.Text, c), failure =>
        {
            if (failure is null && queue == Prefix + QueueNames.Checks)
            {
                sim.Ledger.Answered(message, started);
            }

            if (failure is OperationCanceledException && !process.IsReady)
            {
                sim.Queues.Update(queue, message.Id, receipt, null, TimeSpan.Zero);
            }
            else if (failure is not null && message.Dequeued >= MaxDequeueCount)
            {
                Poison(queue, message, receipt);
            }
            else if (failure is not null)
            {
                sim.Queues.Update(queue, message.Id, receipt, null, ShownAgain);
            }
            else if (!dice.Chance(sim.Faults.Fail))
            {
                sim.Queues.Delete(queue, message.Id, receipt);
            }
        });
    }

    private void Poison(string queue, QueuedMessage message, string receipt)
    {
        sim.Clock.Tell("host", $"a message of {queue} is poison: {message.Text}");
        if (!queue.EndsWith(QueueNames.Poison, StringComparison.Ordinal))
        {
            sim.Queues.Send(queue + QueueNames.Poison, message.Text, TimeSpan.Zero, null);
        }

        sim.Queues.Delete(queue, message.Id, receipt);
    }

    private static Task Function(Process process, string queue, string text, CancellationToken cancellation) => queue[Prefix.Length..] switch
    {
        QueueNames.Checks => process.Checking.HandleAsync(text, cancellation),
        QueueNames.Jobs => process.Claiming.HandleAsync(text, cancellation),
        QueueNames.Checks + QueueNames.Poison => process.PoisonChecks.HandleAsync(text, cancellation),
        _ => process.PoisonJobs.HandleAsync(text, cancellation),
    };
}

using Pushcart.Execution;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Something that runs the product's code, has a clock of its own, dies and stands still, and whose calls of the outside fail in every way that they may.</summary>
internal abstract class Machine
{
    private readonly Simulation sim;
    private DateTimeOffset standsUntil;

    protected Machine(Simulation sim, string name, Dice dice, TimeSpan clockOff, Func<TimeSpan, TimeSpan>? stretch = null)
    {
        (this.sim, Name, Dice) = (sim, name, dice);
        Time = new(sim.Clock, clockOff, GoesOn) { Stretch = stretch };
    }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    public ProcessTime Time { get; }

    protected Dice Dice { get; }

    /// <summary>True while it stands still.</summary>
    public bool StandsStill => standsUntil > sim.Clock.Now;

    /// <summary>It is gone at once: nothing of it runs or hears an answer any more.</summary>
    public void Die()
    {
        if (IsAlive)
        {
            IsAlive = false;
            sim.Clock.Tell(Name, "† dies");
            Died();
        }
    }

    /// <summary>It does nothing for so long, and then goes on as if nothing were.</summary>
    public void StandStill(TimeSpan time)
    {
        standsUntil = sim.Clock.Now + time;
        sim.Clock.Tell(Name, $"stands still for {time.TotalSeconds:0.0} s");
    }

    /// <summary>It has died.</summary>
    protected abstract void Died();

    /// <summary>The runs that it looks for in a list now; null: all.</summary>
    public virtual IReadOnlySet<RunKey>? LooksFor => null;

    /// <summary>One call of something outside: applied and answered later, once, never, or not before the process is dead.</summary>
    /// <param name="what">For the trace.</param>
    /// <param name="apply">Does it, there.</param>
    /// <param name="failed">The answer of a call that failed, given whether it was applied; or throws.</param>
    /// <param name="cancellation">Ends the wait, not the call.</param>
    /// <param name="latest">Seconds until it is applied at the latest.</param>
    public Task<T> CallAsync<T>(string what, Func<T> apply, Func<bool, T> failed, CancellationToken cancellation, double latest = 4.8)
    {
        sim.Clock.CheckThread();
        var answer = new TaskCompletionSource<T>();
        if (!IsAlive)
        {
            return answer.Task;
        }

        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellation);
        }

        var fate = sim.Faults.Of(Dice);
        var registration = cancellation.Register(() => answer.TrySetCanceled(cancellation));
        var late = fate is Fate.AnsweredLate || (fate is Fate.HangsApplied or Fate.FailsApplied && Dice.Chance(0.5));
        var there = late && Dice.Chance(0.5) ? Dice.Seconds(0.005, latest) : Dice.Seconds(0.001, 0.03);
        sim.Clock.After(there, () =>
        {
            var applies = fate is not (Fate.FailsUnapplied or Fate.HangsUnapplied or Fate.ProcessDiesUnapplied);
            var result = applies ? apply() : default;
            if (sim.Clock.IsTracing)
            {
                sim.Clock.Tell(Name, fate == Fate.Answered ? $"  {what}{Show(result)}" : $"  {what} ({fate}){Show(result)}");
            }

            if (fate is Fate.ProcessDiesApplied or Fate.ProcessDiesUnapplied)
            {
                Die();
                return;
            }

            if (fate is Fate.HangsApplied or Fate.HangsUnapplied)
            {
                return;
            }

            if (Dice.Chance(sim.Faults.Stall))
            {
                StandStill(Dice.Seconds(0.5, 55));
            }

            void Answer()
            {
                if (!GoesOn(Answer))
                {
                    return;
                }

                registration.Dispose();
                if (fate is not (Fate.FailsApplied or Fate.FailsUnapplied))
                {
                    answer.TrySetResult(result!);
                    return;
                }

                try
                {
                    result = failed(applies);
                }
                catch (HttpRequestException e)
                {
                    answer.TrySetException(e);
                    return;
                }

                answer.TrySetResult(result);
            }

            sim.Clock.After(late ? Dice.Seconds(0.01, 6) : Dice.Seconds(0.001, 0.03), Answer);
        });
        return answer.Task;
    }

    /// <summary>True where it can go on now. What happens to one that stands still happens when it goes on, in any order.</summary>
    /// <param name="again">What is done then instead.</param>
    public virtual bool GoesOn(Action again)
    {
        if (IsAlive && standsUntil > sim.Clock.Now)
        {
            sim.Clock.After(standsUntil - sim.Clock.Now + Dice.Seconds(0, 0.01), again);
            return false;
        }

        return IsAlive;
    }

    private static string Show<T>(T? result) => result switch
    {
        Services.Reply reply => $" → {reply.Status}",
        null => "",
        _ => $" → {result}",
    };
}

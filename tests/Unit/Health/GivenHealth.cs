using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Health;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Jobs;
using Pushcart.Tests.Unit.Storage;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Health;

/// <summary>An installation in memory, whose timers and executor do as a test says.</summary>
internal sealed class GivenHealth : IDisposable
{
    private static readonly IReadOnlyList<TimerPlan> s_timers =
        [new(TimerTicks.Poll, "0 * * * * *"), new(TimerTicks.Observe, "*/15 * * * * *"), new(TimerTicks.CleanHistory, "0 0 * * * *"), new(TimerTicks.Hooks, "01:00:00")];

    private GivenHealth()
    {
        Storage = new(Time);
        Ticks = new(Storage.Clients.Table(TableNames.Ticks), Time);
        var tokens = new TokenStore(Storage.Clients.Table(TableNames.Tokens), new(Time), new SeededChance(1), Time);
        State = new(Storage.Clients, Ticks, new(tokens, Time, NullLogger<ExpiringTokens>.Instance), new(), Time, NullLogger<InstallationState>.Instance);
    }

    public ManualTime Time { get; } = new();

    public MemoryStorage Storage { get; }

    public TimerTicks Ticks { get; }

    public InstallationState State { get; }

    public StubExecutor Executor { get; } = new();

    public static async Task<GivenHealth> StartAsync()
    {
        var given = new GivenHealth();
        await given.Storage.Clients.CreateAsync(default);
        return given;
    }

    /// <summary>A host that starts now.</summary>
    public Readiness NewHost(IExecutor? executor = null) => new(Ticks, executor ?? Executor, s_timers, Time);

    /// <summary>Time goes by, while these timers tick.</summary>
    public async Task PassAsync(TimeSpan time, params string[] ticking)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(15))
        {
            foreach (var timer in ticking)
            {
                await Ticks.NoteAsync(timer, default);
            }

            Time.Advance(TimeSpan.FromSeconds(15));
        }
    }

    /// <summary>Time goes by until something has ended.</summary>
    public async Task<T> PassUntilAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        return await task;
    }

    public void Dispose()
    {
        State.Dispose();
        Storage.Dispose();
    }
}

/// <summary>An executor that only tells whether it can be reached.</summary>
internal sealed class StubExecutor : IExecutor
{
    public string Name => "stub";

    /// <summary>What it answers.</summary>
    public Func<CancellationToken, Task<string?>> Reach { get; set; } = _ => Task.FromResult<string?>(null);

    public int Asked { get; private set; }

    public Task<string?> ReachAsync(CancellationToken cancellation)
    {
        Asked++;
        return Reach(cancellation);
    }

    public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => throw new NotSupportedException();
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// Many lives of an installation, each from a seed. <c>PUSHCART_SEED=123 dotnet test tests/Unit --filter Simulation</c> replays one and prints its events;
/// <c>PUSHCART_SEEDS=10000</c> runs that many, <c>PUSHCART_FIRST_SEED</c> says which is the first; with <c>PUSHCART_ALL=1</c> it goes on after a failure and lists them all.
/// </summary>
public sealed class SimulationTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Default = 200;
    private const int StackBytes = 16 * 1024 * 1024;
    private const int EventsShown = 400;

    [Fact]
    public void Whatever_fails_the_invariants_hold()
    {
        if (Number("PUSHCART_SEED") is { } seed)
        {
            output.WriteLine(Replay((ulong)seed, all: true, out var failure));
            Assert.Null(failure);
            return;
        }

        var first = Number("PUSHCART_FIRST_SEED") ?? 1;
        var last = first + (Number("PUSHCART_SEEDS") ?? Default) - 1;
        var failing = RunAll(first, last);
        if (failing is { } found)
        {
            Assert.Fail(Replay((ulong)found, all: false, out _));
        }
    }

    /// <summary>Seeds that found something in the product once. What a seed leads to changes with the simulation.</summary>
    [Theory]
    [InlineData(23)]
    [InlineData(291)]
    [InlineData(294)]
    public void What_was_found_once_holds(int seed)
    {
        Replay((ulong)seed, all: false, out var failure);
        Assert.Null(failure);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    public void A_seed_gives_the_same_events_each_time(int seed)
    {
        Replay((ulong)seed, all: true, out _);
        Assert.Equal(Replay((ulong)seed, all: true, out _), Replay((ulong)seed, all: true, out _));
    }

    private long? RunAll(long first, long last)
    {
        var next = first - 1;
        long failing = long.MaxValue;
        var all = Number("PUSHCART_ALL") == 1;
        var failures = new ConcurrentDictionary<long, string>();
        var events = 0L;
        var jobs = 0L;
        var operations = 0L;
        var started = TimeProvider.System.GetTimestamp();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(
            () =>
            {
                for (var seed = Interlocked.Increment(ref next); seed <= last && (all || seed < Interlocked.Read(ref failing)); seed = Interlocked.Increment(ref next))
                {
                    var simulation = new Simulation((ulong)seed);
                    if (Failure(simulation) is { } failure)
                    {
                        failures[seed] = failure;
                        for (var known = Interlocked.Read(ref failing); seed < known; known = Interlocked.Read(ref failing))
                        {
                            Interlocked.CompareExchange(ref failing, seed, known);
                        }
                    }

                    Interlocked.Add(ref events, simulation.Clock.Happened);
                    Interlocked.Add(ref jobs, simulation.Ledger.Submitted);
                    Interlocked.Add(ref operations, simulation.Operations);
                }
            },
            StackBytes)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var count = Math.Min(last, all ? last : failing) - first + 1;
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} seeds in {seconds:0.0} s ({count / seconds:0.0} a second): {events} events, {jobs} jobs, {operations} calls of storage"));
        foreach (var (seed, failure) in failures.OrderBy(f => f.Key))
        {
            output.WriteLine($"seed {seed}: {failure}");
        }

        return failing == long.MaxValue ? null : failing;
    }

    private static string Replay(ulong seed, bool all, out string? failure)
    {
        string? found = null;
        var simulation = default(Simulation);
        var thread = new Thread(
            () =>
            {
                simulation = new(seed, tracing: true);
                found = Failure(simulation);
            },
            StackBytes);
        thread.Start();
        thread.Join();
        failure = found;
        var trace = simulation!.Clock.Trace;
        var shown = all ? trace : trace.Skip(trace.Count - EventsShown);
        return $"""
            seed {seed}: {found ?? "all invariants hold"}
            replay it with: PUSHCART_SEED={seed} dotnet test tests/Unit --filter Simulation --logger "console;verbosity=detailed"
            its {(all ? "" : $"last {EventsShown} ")}events, with seconds since its start:
            {string.Join('\n', shown)}
            """;
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever it is, it is told with the seed")]
    private static string? Failure(Simulation simulation)
    {
        try
        {
            simulation.Run();
            return null;
        }
        catch (Exception e)
        {
            return e is ViolationException ? e.Message : e.ToString();
        }
    }

    private static long? Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}

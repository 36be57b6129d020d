using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Jobs;
using Pushcart.Workers.Working;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;
using Pushcart.Workers.Working.State;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Jobs for workers.</summary>
internal static class GivenWork
{
    public static Job Job(DateTimeOffset now, int number, TimeSpan deadline, string action) => GivenJob.Queued(JobId.New(now, new SeededChance(number))) with
    {
        SubmittedAt = now,
        WaitingSince = now,
        NotBefore = now,
        Deadline = deadline,
        Snapshots = new(action, """{"repoUri":"https://git.example.org/app.git"}""", null, null, SpecReader.ToJson(SettingsSpec.BuiltIn)),
    };
}

/// <summary>
/// A worker beside a server and an executor in memory, on a clock that a test moves. All of it happens on the test's own thread, inside of <see cref="Advance"/>: nothing is waited for.
/// </summary>
internal sealed class GivenWorker : IDisposable
{
    private readonly SynchronizationContext? _context = SynchronizationContext.Current;
    private readonly List<(CancellationTokenSource Drain, CancellationTokenSource Now, Task<string?> Work)> _processes = [];
    private readonly string _tokenFile = Path.Combine(Path.GetTempPath(), "pushcart-worker-" + Chance.System.NewId());

    public GivenWorker(bool registers = false)
    {
        // What awaits would continue elsewhere where its thread has a context.
        SynchronizationContext.SetSynchronizationContext(null);
        Server = new(Time);
        Executor = new(Time);
        Registers = registers;
        if (!registers)
        {
            ServiceToken = "pct_" + new string('1', 64);
            Server.Admit(ServiceToken);
            File.WriteAllText(_tokenFile, ServiceToken);
        }
    }

    public ManualTime Time { get; } = new();

    public ScriptedServer Server { get; }

    public ScriptedExecutor Executor { get; }

    public InstallationLog Log { get; } = new();

    public MemoryState State { get; } = new();

    public WorkerMetrics Metrics { get; } = new();

    public bool Registers { get; }

    public string ServiceToken { get; } = "";

    public string TokenFile => _tokenFile;

    public WorkerParts Parts { get; private set; } = null!;

    public WorkerSettings Settings { get; set; } = new() { Name = "edge", Version = "1.0.0", Cluster = "north" };

    /// <summary>The result of the last process; null while it works.</summary>
    public Task<string?> Work => _processes[^1].Work;

    /// <summary>Why the last process, which has ended, could not work at all; null where it could.</summary>
    public string? Result => Work.IsCompletedSuccessfully ? Work.GetAwaiter().GetResult() : throw new InvalidOperationException("it works");

    /// <summary>An admin adds it: a registration token lies in its file.</summary>
    public string Add(string digit = "2")
    {
        var token = "pcr_" + string.Concat(Enumerable.Repeat(digit, 64));
        Server.Registrations.Add(token);
        File.WriteAllText(_tokenFile, token);
        return token;
    }

    /// <summary>Starts a process.</summary>
    public GivenWorker Start()
    {
        var state = State.State ??= new() { Worker = Settings.Name, Instance = "i1" };
        var link = new ServerLink(new() { Server = new("http://server.test/") }, Server, Metrics, Time);
        var source = new TokenSource(_tokenFile, null);
        Parts = new(
            Settings, state, State, Registers ? null : source, Registers ? source : null, link, Metrics, Executor, new SourceEndpoints(new NoSecrets()), null, Time, new SeededChance(_processes.Count + 7), new LogFactory(Log));
        var (drain, now) = (new CancellationTokenSource(), new CancellationTokenSource());
        _processes.Add((drain, now, Parts.Worker.RunAsync(drain.Token, now.Token)));
        return this;
    }

    /// <summary>The process gets a SIGTERM.</summary>
    public void Terminate() => _processes[^1].Drain.Cancel();

    /// <summary>The process dies: what it had in memory is gone, and its calls end.</summary>
    public void Kill() => _processes[^1].Now.Cancel();

    /// <summary>Lets time go by.</summary>
    public GivenWorker Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return this;
    }

    public void Dispose()
    {
        foreach (var (drain, now, _) in _processes)
        {
            now.Cancel();
            Time.Advance(TimeSpan.FromSeconds(1));
            drain.Dispose();
            now.Dispose();
        }

        File.Delete(_tokenFile);
        SynchronizationContext.SetSynchronizationContext(_context);
    }

    /// <summary>A state in memory, which outlives the processes of a test.</summary>
    internal sealed class MemoryState : IWorkerStateStore
    {
        public WorkerState? State { get; set; }

        public string Where => "memory";

        public Task<(WorkerState? State, string? Error)> ReadAsync(CancellationToken cancellation) => Task.FromResult<(WorkerState?, string?)>((State, null));

        public Task<string?> WriteAsync(WorkerState state, CancellationToken cancellation)
        {
            State = state;
            return Task.FromResult<string?>(null);
        }
    }

    private sealed class NoSecrets : ISecrets
    {
        public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation) => Task.FromResult(new SecretAnswer(null, $"there is no secret {ns}/{name}"));
    }

    private sealed class LogFactory(InstallationLog log) : Microsoft.Extensions.Logging.ILoggerFactory
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // The log is the test's.
        }
    }
}

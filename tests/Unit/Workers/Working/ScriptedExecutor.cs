using System.Text;
using Pushcart.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Runs in memory, which do what a test says.</summary>
internal sealed class ScriptedExecutor(ManualTime time) : IExecutor
{
    private int _uids;

    public string Name => "scripted";

    public Dictionary<string, RunView> Runs { get; } = [];

    /// <summary>Every create that was sent.</summary>
    public List<(DateTimeOffset At, RunSpec Spec)> Created { get; } = [];

    public List<RunView> Deleted { get; } = [];

    public Dictionary<string, TimeSpan> Ttls { get; } = [];

    /// <summary>What create answers, and whether the run comes to be; null: created.</summary>
    public Func<RunSpec, (CreateAnswer Answer, bool Comes)>? OnCreate { get; set; }

    public bool IsAway { get; set; }

    /// <summary>True where what is deleted goes on for a while.</summary>
    public bool EndsSlowly { get; set; }

    public string Output { get; set; } = "";

    /// <summary>Runs that are at work now.</summary>
    public int Active => Runs.Values.Count(r => r.Phase == RunPhase.Active);

    public int MostActive { get; private set; }

    public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        Created.Add((time.GetUtcNow(), spec));
        var (answer, comes) = Runs.ContainsKey(spec.Key.Name) ? (new(CreateResult.Exists), false) : OnCreate?.Invoke(spec) ?? (new CreateAnswer(CreateResult.Created), true);
        if (comes)
        {
            Put(spec.Key);
        }

        return Task.FromResult(answer);
    }

    public void Put(RunKey key)
    {
        Runs[key.Name] = new() { Key = key, Uid = $"u{++_uids}", Version = "1", Phase = RunPhase.Active, Alive = true, CreatedAt = time.GetUtcNow(), StartedAt = time.GetUtcNow() };
        MostActive = Math.Max(MostActive, Active);
    }

    public void Change(string name, Func<RunView, RunView> change) => Runs[name] = change(Runs[name]) with { Version = Runs[name].Version + "+" };

    public void End(string name, RunPhase phase = RunPhase.Succeeded, int exitCode = 0) =>
        Change(name, r => r with { Phase = phase, Alive = false, ExitCode = exitCode, EndedAt = time.GetUtcNow(), Reason = phase == RunPhase.Failed ? "Error" : null });

    public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) =>
        Task.FromResult(IsAway ? new RunList(false, [], "away") : new(true, [.. Runs.Values.Where(r => namespaces.Contains(r.Key.Namespace))]));

    public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) =>
        Task.FromResult(IsAway ? new FindAnswer(false, null, "away") : new(true, Runs.GetValueOrDefault(key.Name)));

    public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation)
    {
        if (!Runs.TryGetValue(seen.Key.Name, out var run))
        {
            return Task.FromResult(new DeleteAnswer(true));
        }

        if (run.Version != seen.Version)
        {
            return Task.FromResult(new DeleteAnswer(false, "it has changed"));
        }

        Deleted.Add(seen);
        if (!EndsSlowly)
        {
            Runs.Remove(seen.Key.Name);
        }

        return Task.FromResult(new DeleteAnswer(true));
    }

    public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation)
    {
        Ttls[key.Name] = ttl;
        return Task.FromResult(new SetTtlAnswer(true));
    }

    public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => Task.FromResult<string?>(Output);

    public Task<Stream?> OpenLogAsync(RunKey key, bool follow, CancellationToken cancellation) => Task.FromResult<Stream?>(new MemoryStream(Encoding.UTF8.GetBytes(Output)));
}

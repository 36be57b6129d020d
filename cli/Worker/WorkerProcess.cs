using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pushcart.Execution.Process;
using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Workers.Working;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;
using Pushcart.Workers.Working.State;

namespace Pushcart.Cli.Worker;

/// <summary>A worker's process: puts it together, tells what it is, and ends it when it is asked to.</summary>
internal sealed class WorkerProcess(WorkerValues values, WorkerPlan plan, ConsoleLog log, TimeProvider time) : IDisposable
{
    // A worker that has made no pass for so long hangs, and is better started anew.
    private static readonly TimeSpan s_stuck = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _now = new();

    /// <summary>Runs until it is asked to end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        Standing? standing = null;
        var (cluster, error) = WorkerCluster.Open(values, plan, _ => Task.FromResult(standing?.Terms?.Installation ?? ""), time, log);
        using var disposal = cluster;
        if (cluster is null)
        {
            return Fail(error!);
        }

        var store = plan.StateSecret is { } secret ? new StateSecret(cluster.Client!, secret.Namespace, secret.Name) : (IWorkerStateStore)new StateFile(plan.StateFile, Chance.System);
        using var unlock = store as IDisposable;
        if (await BeginAsync(cluster, store) is not ({ } identity, { } state))
        {
            return _drain.IsCancellationRequested ? ExitCode.Done : ExitCode.Failed;
        }

        var settings = plan.Worker with { Cluster = identity };
        var metrics = new WorkerMetrics();
        using var link = new ServerLink(plan.Link, LinkHandler.Create(plan.Link), metrics, time);
        var endpoints = new SourceEndpoints(cluster.Secrets, new GitSettings { KnownHostsFile = values["git-known-hosts"] });
        var parts = new WorkerParts(
            settings, state, store, plan.ServiceToken, plan.RegistrationToken, link, metrics, cluster.Executor, endpoints, (cluster.Executor as ProcessExecutor)?.Ended, time, Chance.System, log);
        standing = parts.Standing;

        HealthPort? health = null;
        try
        {
            health = plan.Listen is null ? null : new HealthPort(plan.Listen, path => Health(path, parts, metrics), time);
        }
        catch (SocketException e)
        {
            return Fail($"listen: {plan.Listen} cannot be listened on: {e.Message}; --listen names another place, or off");
        }

        using var closed = health;
        Tell(cluster, store, settings, health);
        using var stop = new CancellationTokenSource();
        var serving = health?.ServeAsync(stop.Token) ?? Task.CompletedTask;
        var wrong = await parts.Worker.RunAsync(_drain.Token, _now.Token);
        await stop.CancelAsync();
        await serving;
        log.Line($"ended: {parts.Held.Count} runs go on without this process");
        return wrong is null ? ExitCode.Done : Fail(wrong);
    }

    private async Task<(string Identity, WorkerState State)?> BeginAsync(WorkerCluster cluster, IWorkerStateStore store)
    {
        while (!_drain.IsCancellationRequested)
        {
            var (identity, error, passing) = await cluster.IdentityAsync(_now.Token);
            if (identity is not null)
            {
                var (state, fault) = await store.ReadAsync(_now.Token);
                fault ??= state is not null && state.Worker != plan.Worker.Name ? $"{store.Where} is the state of worker {state.Worker}, and this is {plan.Worker.Name}; --state names another place" : null;
                if (fault is null && state is null)
                {
                    state = new() { Worker = plan.Worker.Name, Instance = Chance.System.NewId() };
                    fault = await store.WriteAsync(state, _now.Token);
                }

                if (fault is null)
                {
                    return (identity, state!);
                }

                Fail(fault);
                return null;
            }

            Fail(error!);
            if (!passing)
            {
                return null;
            }

            await Task.Delay(s_again, time, _drain.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private (int, string)? Health(string path, WorkerParts parts, WorkerMetrics metrics) => path switch
    {
        "/healthz/live" => time.GetUtcNow() - parts.Worker.LastPass < s_stuck ? (200, "live\n") : (503, "it has not looked at its runs for minutes\n"),
        "/healthz/ready" => parts.Standing.IsMember ? (200, $"{parts.Standing.State}\n") : (503, $"paused: {parts.Standing.Paused}\n"),
        "/metrics" => (200, metrics.Text(parts.Held.Count, parts.Standing.MaxParallelJobs, parts.Standing.State)),
        _ => null,
    };

    private void Tell(WorkerCluster cluster, IWorkerStateStore store, WorkerSettings settings, HealthPort? health)
    {
        log.Line($"pushcart worker {settings.Version}");
        log.Line($"server: {plan.Link.Server}; name: {settings.Name}; at most {settings.MaxParallelJobs} jobs at once"
            + (settings.Labels.Count == 0 ? "" : $"; labels: {string.Join(",", settings.Labels.Select(l => $"{l.Key}={l.Value}"))}"));
        log.Line($"executor: {cluster}; cluster {settings.Cluster}");
        log.Line($"state is kept in {store.Where}" + (health is null ? "" : $"; health and metrics: http://{health.Address}"));
        foreach (var warning in plan.Warnings)
        {
            log.Line($"warning: {warning}");
        }
    }

    private static int Fail(string error)
    {
        Console.Error.WriteLine($"error: {error}");
        return ExitCode.Failed;
    }

    // The second signal does not wait for runs.
    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        (_drain.IsCancellationRequested ? _now : _drain).Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _drain.Dispose();
        _now.Dispose();
    }
}

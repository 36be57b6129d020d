using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Health;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tokens;
using Pushcart.Triggers.Steering;

namespace Pushcart.Functions;

/// <summary>
/// What happens before the first function runs: tables and queues are made, a second host that would share storage but not runs is refused,
/// the first admin token is there, manifests are applied; then a line says what is watched.
/// </summary>
internal sealed class Startup(
    StorageClients storage,
    IExecutor executor,
    ResourceStore resources,
    FirstAdmin firstAdmin,
    IHostEnvironment environment,
    CommandLine options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    IServiceProvider services,
    ILogger<Startup> log) : BackgroundService
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    // Azure says up to 10 minutes until a role counts everywhere; the first start after `azd up` is often within them.
    private static readonly TimeSpan RoleTakes = TimeSpan.FromMinutes(10);

    // Of the process executor only: where jobs run in a cluster, hosts share them.
    private readonly ProcessHostClaim? _claim = services.GetService<ProcessHostClaim>();
    private ManifestSync? _sync;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // From here on all is counted, and Readiness knows since when this host is there.
        services.GetRequiredService<PrometheusText>().Listen();
        _ = services.GetRequiredService<Readiness>();
        _ = services.GetRequiredService<InstallationState>();
        await CreateStorageAsync(cancellationToken);

        // Claims that wait for a job do not hold up the end.
        lifetime.ApplicationStopping.Register(services.GetRequiredService<WaitingClaims>().Close);
        if (_claim is not null && await _claim.TakeAsync(cancellationToken) is { } refused)
        {
            Stop([refused]);
            return;
        }

        await EnsureAdminAsync(cancellationToken);
        if (options.Manifests is { } path)
        {
            _sync = ActivatorUtilities.CreateInstance<ManifestSync>(services, new ManifestFiles(path, Console.In, time), options.Prune);
            if (await _sync.ApplyAsync(cancellationToken) is { Count: > 0 } errors)
            {
                Stop([.. errors, "nothing was applied; mend the manifests and start again"]);
                return;
            }
        }

        await TellAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_claim is not null)
        {
            await _claim.ReleaseAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        _sync?.WatchAsync(stoppingToken) ?? Task.CompletedTask,
        HoldAsync(stoppingToken));

    private async Task HoldAsync(CancellationToken stoppingToken)
    {
        if (_claim is not null && await _claim.HoldAsync(stoppingToken) is { } lost)
        {
            Stop([lost]);
        }
    }

    private async Task CreateStorageAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        for (var told = false; ; told = true)
        {
            try
            {
                await storage.CreateAsync(cancellation);
                return;
            }
            catch (Azure.RequestFailedException e) when (storage.IsByIdentity && e.Status is 401 or 403 && time.GetElapsedTime(began) < RoleTakes)
            {
                if (!told)
                {
                    log.LogWarning("storage refuses this identity ({Status} {Code}); a role that was just given takes minutes until it counts, so it is tried again for {Time}", e.Status, e.ErrorCode, RoleTakes);
                }

                await Task.Delay(TryAgain, time, cancellation);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && e is Azure.RequestFailedException { Status: 0 or >= 500 } or TimeoutException or HttpRequestException or AggregateException)
            {
                if (!told)
                {
                    log.LogWarning("storage does not answer; waiting for it: {Error}", e.Message);
                }

                await Task.Delay(TryAgain, time, cancellation);
            }
        }
    }

    // Whoever starts the host in a terminal sees the token once; what goes into a file or to a collector of logs never holds it.
    private async Task EnsureAdminAsync(CancellationToken cancellation)
    {
        var file = AdminTokenFile.PathBelow(environment.ContentRootPath);
        var (value, note) = await firstAdmin.EnsureAsync(options.IsWorker ? null : file, cancellation);
        if (note is not null)
        {
            log.LogWarning("{Note}", note);
        }

        if (value is not null)
        {
            log.LogInformation("the first admin token is in {File}; commands on this machine read it there", file);
            if (!Console.IsOutputRedirected)
            {
                Console.WriteLine($"The first admin token, shown this once: {value}");
            }
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        log.LogInformation("host: {Host}; tables: {Tables}; executor: {Executor}", typeof(Microsoft.Azure.Functions.Worker.FunctionAttribute).Assembly.GetName().Name, typeof(Azure.Data.Tables.TableClient).Assembly.GetName().Name, services.GetService<KubeConnection>() is { } cluster ? $"{executor.Name}, {cluster}" : executor.Name);
        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation);
        var triggers = catalog.Triggers.ToList();
        if (triggers.Count == 0)
        {
            log.LogInformation("nothing to watch yet. Try: dotnet run --project functions -- --manifests samples/interval.yaml");
            return;
        }

        foreach (var trigger in triggers)
        {
            var spec = (TriggerSpec)trigger.Spec!;
            log.LogInformation(
                "{Trigger} watches {Reference} of {Sources}{Files}; action {Action}{Suspended}",
                trigger.Name,
                spec.Sources.Reference,
                string.Join(", ", spec.Sources.Names),
                spec.Sources.Files.Count == 0 ? "" : $" ({string.Join(' ', spec.Sources.Files)})",
                spec.Action.Name,
                spec.Suspend ? " (suspended)" : "");
        }
    }

    private void Stop(IReadOnlyList<string> errors)
    {
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"error: {error}");
        }

        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}

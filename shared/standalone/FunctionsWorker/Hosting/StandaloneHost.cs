using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pushcart.Standalone.Azurite;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// The host in one process. What its user can mend ends it with a line for each fault and exit code 1; a signal ends it, after what runs has
/// ended, with exit code 0.
/// </summary>
internal sealed class StandaloneHost(WebApplication app, HostPlan plan, bool withHttp, StartState state) : IHost, IAsyncDisposable
{
    private SecondSignal? _signals;

    public IServiceProvider Services => app.Services;

    /// <summary>Where it listens, with real ports, once it has started.</summary>
    public ICollection<string> Urls => app.Urls;

    /// <summary>What kept the host from starting; empty where it has started.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = plan.Faults;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        _signals = new SecondSignal(app.Services.GetRequiredService<TimeProvider>(), Environment.Exit);
        if (Faults.Count == 0)
        {
            try
            {
                await StartAllAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (FaultsOf(e) is { Count: > 0 } faults)
            {
                Faults = faults;
            }
        }

        foreach (var fault in Faults)
        {
            await Console.Error.WriteLineAsync("error: " + fault).ConfigureAwait(false);
        }

        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await app.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or AggregateException { InnerException: OperationCanceledException })
        {
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host").LogWarning("Stopped before everything had ended");
        }

        await app.Services.GetRequiredService<StorageService>().ReleaseAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _signals?.Dispose();
        ((IDisposable)app).Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _signals?.Dispose();
        return app.DisposeAsync();
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        if (withHttp)
        {
            HttpFunctions.Map(app, plan.Functions.Http, plan.Settings, app.Services.GetRequiredService<FunctionRunner>());
            foreach (var url in plan.Settings.Urls.Concat(plan.Settings.HealthUrls))
            {
                app.Urls.Add(url);
            }
        }

        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        state.Started = true;
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host");
        foreach (var url in plan.Settings.Urls.Where(url => withHttp && HostAddresses.IsOpen(url)))
        {
            log.LogWarning(
                "{Url} can be reached by other machines, and is not encrypted: whoever listens in between reads tokens. Set Host:Urls to https with Host:Certificate, "
                + "or leave it where a proxy in front, or a network that nobody else is in, does that", url);
        }

        log.LogInformation(
            "Listening on {Urls}; functions: {Http} HTTP, {Timers} timers, {Queues} queues",
            withHttp ? string.Join(", ", app.Urls) : "nothing", plan.Functions.Http.Count, plan.Functions.Timers.Count, plan.Functions.Queues.Count);
    }

    /// <summary>The lines for a failure that the user can mend; empty for any other, which is thrown on.</summary>
    private List<string> FaultsOf(Exception exception) => exception switch
    {
        AzuriteException azurite => [azurite.Message],
        OptionsValidationException options => [.. options.Failures],
        IOException { InnerException: AddressInUseException } =>
        [
            .. plan.Settings.Urls.Select(url => Taken(url, "Host:Urls", "127.0.0.1")),
            .. plan.Settings.HealthUrls.Select(url => Taken(url, "Host:HealthUrls", "*")),
        ],
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied or System.Net.Sockets.SocketError.AddressNotAvailable } socket =>
            [$"it is not possible to listen on {string.Join(", ", plan.Settings.Urls)} ({socket.Message}): set Host:Urls to another address, such as http://127.0.0.1:7071"],
        _ => [],
    };

    private static string Taken(string url, string setting, string host) =>
        $"port {HostAddresses.PortOf(url)} of {url} is taken by another program: end it, or set {setting} to another address, such as http://{host}:{HostAddresses.PortOf(url) + 1}";
}

/// <summary>Whether the host has started: until then failures are told by the host itself, in one line, and not by the framework.</summary>
internal sealed class StartState
{
    public bool Started { get; set; }
}

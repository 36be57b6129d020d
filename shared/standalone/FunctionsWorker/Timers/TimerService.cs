using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Timers;

/// <summary>Runs the timers of all functions while the host runs.</summary>
internal sealed class TimerService(
    HostPlan plan,
    FunctionRunner runner,
    StorageOutage outage,
    TimeProvider time,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime) : IHostedService
{
    private readonly string _instance = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}/{Environment.ProcessId}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");

    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (plan.Functions.Timers.Count > 0)
        {
            var store = new TickStore(plan.Settings.StorageConnection, plan.Settings.TicksTable);
            _running = Task.WhenAll(plan.Functions.Timers.Select(function => Task.Run(() => RunAsync(function, store), CancellationToken.None)));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    private Task RunAsync(TimerFunction function, TickStore store)
    {
        var logger = loggers.CreateLogger("Timer." + function.Method.Name);
        var listener = new TimerListener(
            function,
            runner,
            () => new TimerLease(function.Method.Name, _instance, plan.Settings.TimerLease, store, outage, time, logger),
            time);
        return listener.RunAsync(lifetime.ApplicationStopping);
    }
}

using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Lets running functions end when the host stops: by themselves within the grace, then by their token.</summary>
internal sealed class DrainService(HostPlan plan, RunningFunctions running, ILoggerFactory loggers) : IHostedService
{
    /// <summary>How long functions may take to end after their token has fired.</summary>
    public static TimeSpan AfterGrace { get; } = TimeSpan.FromSeconds(5);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (running.Count is > 0 and var count)
        {
            loggers.CreateLogger("Host").LogInformation("Stopping: {Count} functions run still, for at most {Grace}; another signal ends at once", count, plan.Settings.Grace);
        }

        var left = await running.DrainAsync(plan.Settings.Grace, cancellationToken).ConfigureAwait(false);
        if (left.Count > 0)
        {
            loggers.CreateLogger("Host").LogWarning("Stopped without waiting any longer for {Functions}", string.Join(", ", left.Distinct()));
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Jobs.Live;
using Pushcart.Resources;

namespace Pushcart.Functions;

/// <summary>The process executor, and the pass of Observe that follows the end of a run at once.</summary>
internal static class ProcessExecution
{
    /// <summary>Adds it. Runs are kept below the content root, so that a restarted host finds them again.</summary>
    public static void Add(IServiceCollection services, IHostEnvironment environment)
    {
        var runs = Path.Combine(environment.ContentRootPath, ".pushcart", "runs");
        services.AddSingleton(s => new ProcessExecutor(
            new() { RunsDirectory = runs },
            s.GetRequiredService<Installation>().IdAsync,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<Chance>(),
            s.GetRequiredService<ILogger<ProcessExecutor>>()));
        services.AddSingleton<IExecutor>(s => s.GetRequiredService<ProcessExecutor>());
        services.AddHostedService<EndedRuns>();
    }

    private sealed class EndedRuns(ProcessExecutor executor, Observing observing, ILogger<EndedRuns> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await foreach (var run in executor.Ended.ReadAllAsync(stoppingToken))
            {
                while (executor.Ended.TryRead(out _))
                {
                    // One pass sees them all.
                }

                try
                {
                    await observing.ExtraPassAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // This pass only comes early; the timer's own does the same, and its failures are the function's.
                    log.LogWarning("{Run} has ended, but the pass that records it failed; the next one does: {Error}", run, e.Message);
                }
            }
        }
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Resources;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;
using Pushcart.Workers.Working.Runs;
using Pushcart.Workers.Working.State;

namespace Pushcart.Workers.Working;

/// <summary>Puts a worker together.</summary>
public sealed class WorkerParts
{
    /// <summary>Puts it together; nothing is asked yet.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="state">Its state, as it was read.</param>
    /// <param name="store">Where the state is kept.</param>
    /// <param name="serviceToken">Where a service token comes from; null: it registers.</param>
    /// <param name="registrationToken">Where a registration token comes from; null: the state is to be enough.</param>
    /// <param name="link">The server.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="executor">Runs jobs.</param>
    /// <param name="endpoints">Sources, with the secrets of this place.</param>
    /// <param name="ended">Tells of runs that have just ended; null: nothing does.</param>
    /// <param name="time">The time.</param>
    /// <param name="chance">Draws keys, tokens and jitter.</param>
    /// <param name="log">The log.</param>
    public WorkerParts(
        WorkerSettings settings,
        WorkerState state,
        IWorkerStateStore store,
        TokenSource? serviceToken,
        TokenSource? registrationToken,
        ServerLink link,
        WorkerMetrics metrics,
        IExecutor executor,
        SourceEndpoints endpoints,
        ChannelReader<string>? ended,
        TimeProvider time,
        Chance chance,
        ILoggerFactory log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(executor);
        var (name, instance) = (executor.Name, state.Instance);
        ICredentials credentials = serviceToken is not null
            ? new ServiceCredentials(serviceToken, settings.CheckInInterval, time)
            : new RegisteredCredentials(registrationToken, state, store, link, time, chance, log.CreateLogger<RegisteredCredentials>());
        var (claimWake, passWake) = (new Wake(time), new Wake(time));
        Standing = new(settings, instance, name, credentials, link, Held, chance, log.CreateLogger<Standing>());
        var calls = new WorkerCalls(settings, instance, credentials, link, Held, log.CreateLogger<WorkerCalls>());
        var starting = new RunStarting(settings, calls, executor, endpoints, time, log.CreateLogger<RunStarting>());
        var output = new RunOutput(calls, executor, time, log.CreateLogger<RunOutput>());
        var reports = new RunReports(calls, executor, output, metrics, claimWake, time, log.CreateLogger<RunReports>());
        Keeping = new(settings, calls, executor, Held, starting, reports, output, Standing, time, log.CreateLogger<RunKeeping>());
        var orphans = new OrphanRuns(settings, instance, credentials, link, executor, Held, Standing, time, log.CreateLogger<OrphanRuns>());
        Claims = new(settings, instance, name, credentials, link, Held, orphans, Standing, passWake, metrics, time, chance, log.CreateLogger<Claims>());
        Worker = new(settings, Standing, Claims, Keeping, reports, orphans, Held, claimWake, passWake, ended, time, log.CreateLogger<Worker>());
    }

    /// <summary>The claims that it has.</summary>
    public HeldJobs Held { get; } = new();

    /// <summary>How it stands with the server.</summary>
    public Standing Standing { get; }

    /// <summary>Asks for jobs.</summary>
    public Claims Claims { get; }

    /// <summary>Keeps what was claimed.</summary>
    public RunKeeping Keeping { get; }

    /// <summary>All of it at work.</summary>
    public Worker Worker { get; }
}

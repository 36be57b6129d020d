using System.Net;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pushcart.Standalone.Azurite;

namespace Microsoft.Azure.Functions.Worker.Storage;

/// <summary>
/// The first to start and the last to end: starts Azurite where development storage is asked for and absent, and waits until storage answers,
/// so that whatever starts later finds it.
/// </summary>
internal sealed class StorageService(
    HostPlan plan, IHostEnvironment environment, StorageOutage outage, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger("Host");
    private AzuriteServer? _azurite;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connection = plan.Settings.StorageConnection;
        if (connection.Trim().TrimEnd(';').Equals("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase))
        {
            await StartAzuriteAsync(cancellationToken).ConfigureAwait(false);
        }

        await WaitAsync(new QueueServiceClient(connection).Uri, cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets go of Azurite. Called when all else has ended, also what the application has added.</summary>
    public async Task ReleaseAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync().ConfigureAwait(false);
            _azurite = null;
        }
    }

    private async Task StartAzuriteAsync(CancellationToken cancellationToken)
    {
        var location = Path.Combine(environment.ContentRootPath, ".azurite");
        _azurite = await AzuriteServer.StartAsync(
            new AzuriteOptions { Location = location }, line => _logger.LogInformation("{Progress}", line), time, cancellationToken).ConfigureAwait(false);
        if (_azurite.Started)
        {
            _logger.LogInformation("Development storage: started Azurite {Version} with its data in {Location}", AzuriteServer.Version, location);
        }
        else
        {
            _logger.LogInformation("Development storage: using the Azurite that is already there");
        }
    }

    /// <summary>Any answer of HTTP will do: whether it is allowed to do what it does is for the clients to see.</summary>
    private async Task WaitAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10), DefaultRequestVersion = HttpVersion.Version11 };
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                outage.Clear(address);
                return;
            }
            catch (Exception e) when (StorageOutage.IsAway(e) && !cancellationToken.IsCancellationRequested)
            {
                outage.Report(address);
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}

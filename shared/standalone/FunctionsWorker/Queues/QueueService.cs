using Azure.Core;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Queues;

/// <summary>Listens to the queues of all functions while the host runs.</summary>
internal sealed class QueueService(
    HostPlan plan,
    FunctionRunner runner,
    RunningFunctions running,
    QueueWake wake,
    StorageOutage outage,
    TimeProvider time,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime) : IHostedService
{
    private Task _listening = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listening = Task.WhenAll(plan.Functions.Queues.Select(function => Task.Run(() => ListenAsync(function), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _listening.WaitAsync(cancellationToken);

    private async Task ListenAsync(QueueFunction function)
    {
        var logger = loggers.CreateLogger("Queue." + function.Queue);
        var queue = Client(function.Connection, function.Queue);
        var poison = Client(function.Connection, function.Queue + "-poison", new QueueWakePolicy(wake));
        var processor = new MessageProcessor(function.Method, queue, poison, plan.HostJson.Queues, runner, outage, time, logger, running.GraceOver);
        var listener = new QueueListener(queue, plan.HostJson.Queues, processor.ProcessAsync, outage, time, logger);
        wake.Register(queue.Uri, listener.Wake);
        await listener.RunAsync(lifetime.ApplicationStopping).ConfigureAwait(false);
    }

    /// <summary>Few and quick tries: an outage is seen early, and listener and processor go on trying by themselves.</summary>
    private static QueueClient Client(string connection, string name, QueueWakePolicy? policy = null)
    {
        var options = new QueueClientOptions
        {
            MessageEncoding = QueueMessageEncoding.None,
            Retry = { Mode = RetryMode.Fixed, Delay = TimeSpan.FromMilliseconds(200), MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(10) },
        };
        if (policy is not null)
        {
            options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        return new QueueClient(connection, name, options);
    }
}

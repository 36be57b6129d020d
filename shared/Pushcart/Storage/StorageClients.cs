using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Queues;

namespace Pushcart.Storage;

/// <summary>The tables and queues of one installation: one prefix is on both.</summary>
public sealed class StorageClients
{
    private readonly TableServiceClient _tables;
    private readonly QueueServiceClient _queues;
    private readonly string _prefix;

    /// <summary>Those of an account.</summary>
    /// <param name="connection">Of the storage account.</param>
    /// <param name="settings">How it is reached.</param>
    /// <param name="time">Runs time-outs and waits.</param>
    /// <param name="transport">What carries the requests; shared by all clients.</param>
    /// <param name="queuePolicies">Policies that the host adds to queue clients (a standalone host wakes its own listeners by one).</param>
    public StorageClients(
        StorageConnection connection,
        StorageSettings settings,
        TimeProvider time,
        HttpMessageHandler transport,
        IEnumerable<HttpPipelinePolicy> queuePolicies)
    {
        ArgumentNullException.ThrowIfNull(connection);
        IsByIdentity = connection.IsByIdentity;
        _prefix = settings.Prefix;
        var bounded = new TryTimeoutHandler(transport, settings.TryTimeout, time);
        HttpClientTransport Measured(string service) => new(new HttpClient(new MeasuredStorage(bounded, service)) { Timeout = Timeout.InfiniteTimeSpan });
        var retry = new StorageRetryPolicy(settings, time);
        var tableOptions = new TableClientOptions { Transport = Measured("table"), RetryPolicy = retry };
        var queueOptions = new QueueClientOptions
        {
            Transport = Measured("queue"),
            RetryPolicy = retry,
            MessageEncoding = QueueMessageEncoding.None,
        };
        tableOptions.Diagnostics.IsLoggingEnabled = queueOptions.Diagnostics.IsLoggingEnabled = false;
        foreach (var policy in queuePolicies)
        {
            queueOptions.AddPolicy(policy, Azure.Core.HttpPipelinePosition.PerCall);
        }

        _tables = connection.TablesWith(tableOptions);
        _queues = connection.QueuesWith(queueOptions);
    }

    /// <summary>True where roles decide what is allowed.</summary>
    public bool IsByIdentity { get; }

    /// <summary>The table of this installation with that short name: <c>live</c>, <c>history</c> ….</summary>
    public Table Table(string name) => new(_tables.GetTableClient(_prefix + name));

    /// <summary>The queue of this installation with that short name: <c>checks</c>, <c>jobs</c>, or their <c>-poison</c>.</summary>
    public MessageQueue Queue(string name) => new(_queues.GetQueueClient(_prefix + name));

    /// <summary>Creates what is missing. Safe to call by several processes at once.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        foreach (var name in TableNames.All)
        {
            await _tables.CreateTableIfNotExistsAsync(_prefix + name, cancellation).ConfigureAwait(false);
        }

        foreach (var name in QueueNames.All)
        {
            await _queues.GetQueueClient(_prefix + name).CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }
    }
}

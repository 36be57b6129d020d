using Pushcart.Storage;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Storage;

/// <summary>Pushcart's own storage clients on the services of the simulation: tables and queues in memory, with their rules.</summary>
internal sealed class MemoryStorage : HttpMessageHandler
{
    private const string Connection = "DefaultEndpointsProtocol=http;AccountName=sim;AccountKey=a2V5;TableEndpoint=http://tables.sim/;QueueEndpoint=http://queues.sim/";
    private readonly TableService _tables;
    private readonly QueueService _queues;

    public MemoryStorage(TimeProvider time)
    {
        (_tables, _queues) = (new(time.GetUtcNow, () => 1000), new(time.GetUtcNow));
        Clients = new(new StorageConnection(Connection), new StorageSettings { Prefix = "sim" }, time, this, []);
    }

    public StorageClients Clients { get; }

    /// <summary>How many requests there were, reads and writes.</summary>
    public int Calls { get; private set; }

    /// <summary>True while it does not answer.</summary>
    public bool IsAway { get; set; }

    /// <summary>Runs after each read of tables.</summary>
    public Action? AfterRead { get; set; }

    /// <summary>What was written to tables since the last clearing: the bodies of its requests.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Runs after each write to tables, before its answer is heard of.</summary>
    public Action? AfterWrite { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Calls++;
        if (IsAway)
        {
            throw new HttpRequestException("storage is away");
        }

        if (request.RequestUri!.Host == "tables.sim" && request.Method != HttpMethod.Get)
        {
            Writes.Add($"{request.Method} {request.RequestUri.AbsolutePath} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken))}");
        }

        var call = Call.Of(request);
        var reply = call.Uri.Host == "tables.sim" ? _tables.Handle(call) : _queues.Handle(call);
        (call.Method == "GET" ? AfterRead : AfterWrite)?.Invoke();

        return reply.ToResponse(request);
    }
}

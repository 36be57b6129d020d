using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>The services of the simulation keep the rules of the real ones.</summary>
public sealed class ServiceContractTests : StorageContract, IDisposable
{
    private const string Connection = "DefaultEndpointsProtocol=http;AccountName=sim;AccountKey=a2V5;TableEndpoint=http://tables.sim/;QueueEndpoint=http://queues.sim/";
    private readonly ManualTime time = new();
    private readonly HttpClientTransport transport;

    public ServiceContractTests()
    {
        var (tables, queues) = (new TableService(() => time.GetUtcNow(), () => 1000), new QueueService(() => time.GetUtcNow()));
        transport = new(new HttpClient(new Direct(call => call.Uri.Host == "tables.sim" ? tables.Handle(call) : queues.Handle(call))));
    }

    public void Dispose() => transport.Dispose();

    protected override async Task<TableClient> NewTableAsync()
    {
        var table = new TableClient(Connection, "contract", new TableClientOptions { Transport = transport });
        await table.CreateAsync();
        return table;
    }

    protected override async Task<QueueClient> NewQueueAsync()
    {
        var queue = new QueueClient(Connection, "contract", new QueueClientOptions { Transport = transport });
        await queue.CreateAsync();
        return queue;
    }

    private sealed class Direct(Func<Call, Reply> service) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(service(Call.Of(request)).ToResponse(request));
    }
}

using System.Net;
using System.Net.Sockets;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Standalone.Azurite;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>Storage that is not there when the host starts, and that goes away and comes back while it runs.</summary>
public sealed class OutageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-outage-").FullName;
    private readonly string _queue = TestHost.NewName();

    [Fact]
    public async Task The_host_waits_for_storage_says_so_once_and_goes_on_after_each_outage()
    {
        using var record = new Record();
        var options = new AzuriteOptions { Location = _folder, BlobPort = FreePort(), QueuePort = FreePort(), TablePort = FreePort() };
        var connection = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
            + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
            + $"QueueEndpoint=http://127.0.0.1:{options.QueuePort}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{options.TablePort}/devstoreaccount1;";
        var away = $"Storage does not answer at http://127.0.0.1:{options.QueuePort}; waiting";
        var back = $"Storage answers again at http://127.0.0.1:{options.QueuePort}";

        var starting = TestHost.StartAsync(
            connection, typeof(Functions), record, [("Queue", _queue), ("AzureFunctionsJobHost:extensions:queues:maxPollingInterval", "00:00:00.2")]);
        await Eventually.TrueAsync(() => record.Log.Contains(away), "the host waits");
        Assert.False(starting.IsCompleted);

        await using (await AzuriteServer.StartAsync(options, _ => { }, TimeProvider.System, CancellationToken.None))
        {
            await using var first = await starting;
            var queue = new QueueClient(connection, _queue);
            await queue.CreateAsync();
            await queue.SendMessageAsync("before");
            await Eventually.TrueAsync(() => record.Lines.Contains("before"), "the first message");
        }

        // The host above has ended before its storage; the next one lives through an outage.
        record.Log.Clear();
        var azurite = await AzuriteServer.StartAsync(options, _ => { }, TimeProvider.System, CancellationToken.None);
        await using var host = await TestHost.StartAsync(
            connection, typeof(Functions), record, [("Queue", _queue), ("AzureFunctionsJobHost:extensions:queues:maxPollingInterval", "00:00:00.2")]);
        await azurite.DisposeAsync();
        await Eventually.TrueAsync(() => record.Log.Contains(away), "the outage is noticed");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        Assert.Single(record.Log, line => line == away);

        record.Lines.Clear();

        await using var again = await AzuriteServer.StartAsync(options, _ => { }, TimeProvider.System, CancellationToken.None);
        await new QueueClient(connection, _queue).SendMessageAsync("after");
        await Eventually.TrueAsync(() => record.Lines.Contains("after") && record.Log.Contains(back), "the message after the outage");
        Assert.Single(record.Log, line => line == back);
        await Eventually.TrueAsync(() => record.Lines.Contains("tick"), "a tick after the outage");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public sealed class Functions(Record record)
    {
        [Function("Note")]
        public void Note([QueueTrigger("%Queue%")] string message) => record.Lines.Enqueue(message);

        [Function("Tick")]
        public void Tick([TimerTrigger("* * * * * *")] TimerInfo timer) => record.Lines.Enqueue(timer.IsPastDue ? "past due" : "tick");
    }
}

using System.Net;
using System.Net.Sockets;
using Pushcart.Standalone.Azurite;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>Events that come while storage is away: 503, and the redelivery is as good as the first.</summary>
public sealed class StorageAwayTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushcart-azurite-");
    private readonly AzuriteOptions _options;

    public StorageAwayTests()
    {
        var held = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        held.ForEach(listener => listener.Start());
        var ports = held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToList();
        held.ForEach(listener => listener.Dispose());
        _options = new() { Location = _folder.FullName, BlobPort = ports[0], QueuePort = ports[1], TablePort = ports[2] };
    }

    [Fact]
    public async Task An_event_that_cannot_be_kept_is_503_and_its_redelivery_is_one_check()
    {
        var azurite = await StartAsync();
        try
        {
            await using var here = await HookedApp.StartAsync(
                "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
                    + $"BlobEndpoint=http://127.0.0.1:{_options.BlobPort}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{_options.QueuePort}/devstoreaccount1;TableEndpoint=http://127.0.0.1:{_options.TablePort}/devstoreaccount1;",
                uri => All(Source(uri), Trigger()));
            await azurite.DisposeAsync();

            var refused = await here.GitHubAsync("push", here.Push(), delivery: "d-1");
            Assert.Equal((503, "error"), (refused.Code, refused.Status));
            Assert.Equal(503, (await here.PostAsync("hooks/default/app/app")).Code);

            azurite = await StartAsync();
            HookReply answer = refused;
            await ProviderHookTests.UntilAsync(async () => (answer = await here.GitHubAsync("push", here.Push(), delivery: "d-1")).Code != 503);
            Assert.Equal(202, answer.Code);
            Assert.Equal("job submitted", (await here.DoneAsync(answer.Task)).GetProperty("sources")[0].GetProperty("state").GetString());
            Assert.Equal("duplicate", (await here.GitHubAsync("push", here.Push(), delivery: "d-1")).Message);
            Assert.Equal(1, await here.DeliveriesAsync());
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<AzuriteServer> StartAsync() => AzuriteServer.StartAsync(_options, _ => { }, TimeProvider.System, CancellationToken.None);
}

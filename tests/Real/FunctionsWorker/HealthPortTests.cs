using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>The addresses that other machines may reach.</summary>
[Collection("azurite")]
public sealed class HealthPortTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Where_other_machines_ask_only_health_is_served()
    {
        using var record = new Record();
        var port = FreePort();
        await using var host = await TestHost.StartAsync(azurite.ConnectionString, typeof(Functions), record, [("Host:HealthUrls", $"http://*:{port}")]);
        using var health = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        foreach (var (path, own, other) in new[] { ("healthz/live", 200, 200), ("HEALTHZ/live", 200, 200), ("secrets", 200, 404), ("healthzecrets", 200, 404), ("healthz/../secrets", 200, 404), ("healthz/%2e%2e/secrets", 200, 404) })
        {
            using var atOwn = await host.Client.GetAsync(path);
            using var atOther = await health.GetAsync(path);
            Assert.Equal((path, own, other), (path, (int)atOwn.StatusCode, (int)atOther.StatusCode));
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Functions
    {
        [Function("Live")]
        public static string Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/live")] HttpRequest request) => request.Path;

        [Function("Secrets")]
        public static string Secrets([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "secrets")] HttpRequest request) => request.Path;

        [Function("Alike")]
        public static string Alike([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthzecrets")] HttpRequest request) => request.Path;
    }
}

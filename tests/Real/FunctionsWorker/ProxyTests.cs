using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>The client's address, with and without a proxy that is trusted.</summary>
[Collection("azurite")]
public sealed class ProxyTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData(null, "6.6.6.6", "127.0.0.1 http")]
    [InlineData("10.0.0.1", "6.6.6.6", "127.0.0.1 http")]
    [InlineData("127.0.0.1", null, "127.0.0.1 http")]
    [InlineData("127.0.0.1", "6.6.6.6", "6.6.6.6 https")]
    [InlineData("127.0.0.1", "9.9.9.9, 6.6.6.6", "6.6.6.6 https")]
    [InlineData("127.0.0.0/8, 10.0.0.0/8", "9.9.9.9, 6.6.6.6, 10.1.2.3", "6.6.6.6 https")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1 http")]
    public async Task Forwarded_headers_are_believed_of_trusted_proxies_only(string? trusted, string? forwarded, string seen)
    {
        using var record = new Record();
        (string, string)[] settings = trusted is null ? [("FORWARDEDHEADERS_ENABLED", "true")] : [("Host:TrustedProxies", trusted)];
        await using var host = await TestHost.StartAsync(azurite.ConnectionString, typeof(Functions), record, settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who");
        if (forwarded is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
            request.Headers.Add("X-Forwarded-Proto", string.Join(", ", forwarded.Split(',').Select(_ => "https")));
            request.Headers.Add("X-Forwarded-Host", "elsewhere.example");
        }

        using var response = await host.Client.SendAsync(request);
        Assert.Equal($"{seen} {host.Client.BaseAddress!.Authority}", await response.Content.ReadAsStringAsync());
    }

    public sealed class Functions
    {
        [Function("Who")]
        public static string Who([HttpTrigger("get", Route = "who")] HttpRequest request) =>
            $"{request.HttpContext.Connection.RemoteIpAddress} {request.Scheme} {request.Host}";
    }
}

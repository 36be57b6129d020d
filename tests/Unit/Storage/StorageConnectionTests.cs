using System.Net;
using Azure.Core;
using Microsoft.Extensions.Configuration;
using Pushcart.Settings;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Storage;

/// <summary>A storage account by a connection string, or by its name and an identity, as Azure Functions' own triggers read it.</summary>
public sealed class StorageConnectionTests
{
    [Fact]
    public async Task With_an_identity_tables_and_queues_are_asked_with_its_token()
    {
        var (connection, errors, clients) = Read(("accountName", "acc"), ("clientId", "11111111-2222-3333-4444-555555555555"), ("credential", "managedidentity"));
        var service = new RecordingHandler();
        var storage = new StorageClients(connection!, new StorageSettings(), new ManualTime(), service, []);

        await storage.CreateAsync(default);

        Assert.Empty(errors);
        Assert.True(storage.IsByIdentity);
        Assert.Equal(["11111111-2222-3333-4444-555555555555"], clients);
        Assert.Equal(["acc.queue.core.windows.net", "acc.table.core.windows.net"], service.Requests.Select(r => r.Host).Distinct().Order(StringComparer.Ordinal));
        Assert.All(service.Requests, r => Assert.Equal("Bearer token of https://storage.azure.com/.default", r.Authorization));
    }

    [Fact]
    public void Addresses_stand_over_the_accounts_name()
    {
        var (connection, errors, _) = Read(("tableServiceUri", "https://acc.table.core.usgovcloudapi.net"), ("queueServiceUri", "https://acc.queue.core.usgovcloudapi.net"));

        Assert.Empty(errors);
        Assert.Equal("acc.table.core.usgovcloudapi.net, by identity", connection!.ToString());
    }

    [Theory]
    [InlineData("", "", "AzureWebJobsStorage: it is not set; for development set it to UseDevelopmentStorage=true")]
    [InlineData("tableServiceUri", "https://acc.table.core.windows.net", "AzureWebJobsStorage:queueServiceUri: it is not set, nor is AzureWebJobsStorage:accountName")]
    [InlineData("accountName", "a b", "AzureWebJobsStorage:accountName: 'https://a b.")]
    public void What_is_missing_or_wrong_is_told_with_its_name(string name, string value, string expected)
    {
        var (connection, errors, _) = Read(name.Length == 0 ? [] : [(name, value)]);

        Assert.Null(connection);
        Assert.StartsWith(expected, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_not_sent_unencrypted()
    {
        var (connection, errors, _) = Read(("accountName", "acc"), ("tableServiceUri", "http://acc.table.core.windows.net"));

        Assert.Null(connection);
        Assert.Equal("AzureWebJobsStorage:tableServiceUri: 'http://acc.table.core.windows.net' is no https address of a storage account: a token would be sent unencrypted", Assert.Single(errors));
    }

    private static (StorageConnection? Connection, IReadOnlyList<string> Errors, List<string?> Clients) Read(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => $"AzureWebJobsStorage:{s.Name}", s => (string?)s.Value)).Build();
        var (reader, clients) = (new SettingsReader(configuration), new List<string?>());
        var connection = StorageConnection.Read(configuration, reader, client =>
        {
            clients.Add(client);
            return new FakeIdentity();
        });
        return (connection, reader.Errors, clients);
    }

    private sealed class FakeIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new($"token of {Assert.Single(requestContext.Scopes)}", new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    private sealed class RecordingHandler : HttpMessageHandler
    {
        public List<(string Host, string? Authorization)> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request.RequestUri!.Host, request.Headers.Authorization?.ToString()));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent) { RequestMessage = request });
        }
    }
}

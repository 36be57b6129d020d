using System.Net;
using System.Net.Sockets;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>What keeps a host from starting: each fault is a line that names what is wrong, and the exit code is 1.</summary>
[Collection("hosts")]
public sealed class StartTests(AzuriteFixture azurite)
{
    // Nothing listens there: what is refused must be refused before storage is waited for.
    private const string Nowhere = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/d;TableEndpoint=http://127.0.0.1:1/d;BlobEndpoint=http://127.0.0.1:1/d;";

    [Theory]
    [InlineData("DOTNET_ENVIRONMENT", null, "set DOTNET_ENVIRONMENT=Development")]
    [InlineData("DOTNET_ENVIRONMENT", "Production", "set DOTNET_ENVIRONMENT=Development")]
    [InlineData("AzureWebJobsStorage", null, "AzureWebJobsStorage: it is not set; for development set it to UseDevelopmentStorage=true")]
    [InlineData("AzureWebJobsStorage", "AccountKey=hunter2hunter2", "AzureWebJobsStorage")]
    [InlineData("Executor", "docker", "Executor: 'docker' is not known; it is process, kubernetes or none")]
    [InlineData("Storage__Prefix", "My-Prefix", "Storage:Prefix: 'My-Prefix' is not 3 to 20 lower-case letters and digits")]
    [InlineData("Secrets__From", "vault", "Secrets:From: 'vault' is not known; it is configuration, keyvault, or kubernetes with the executor of that name")]
    [InlineData("Secrets__From", "keyvault", "KeyVault:Uri: it is not set, and Secrets:From is keyvault")]
    [InlineData("Host__HealthUrls", "https://*:8081", "Host:HealthUrls holds https://*:8081: it must be an address like http://*:8081")]
    [InlineData("Poll__Schedule", "every minute", "every minute")]
    [InlineData("Host__Urls", "0.0.0.0:7071", "it must be an address like http://127.0.0.1:7071")]
    [InlineData("Tokens__FirstAdmin", "hunter2hunter2", "Tokens:FirstAdmin: it has 14 characters, and is no token; it is pct_ and 64 hexadecimal digits")]
    [InlineData("Tokens__FirstAdmin", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/hunter2)", "Tokens:FirstAdmin: its reference to Key Vault is not resolved")]
    public async Task A_setting_that_is_missing_or_wrong_is_named_in_one_line(string setting, string? value, string expected)
    {
        await using var place = new HostPlace(Nowhere);
        place.Settings[setting] = value;
        var host = place.Start();

        Assert.Equal(1, await host.ExitAsync());

        var line = Assert.Single(host.Lines);
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_wrong_settings_give_three_lines()
    {
        await using var place = new HostPlace(Nowhere);
        place.Settings["Jobs__Lease"] = "soon";
        place.Settings["Storage__Tries"] = "0";
        place.Settings["Observe__LongestGap"] = "20s";
        var host = place.Start();

        Assert.Equal(1, await host.ExitAsync());

        Assert.Collection(
            host.Lines,
            line => Assert.Contains("Storage:Tries: '0' is not a whole number from 1 to 10", line, StringComparison.Ordinal),
            line => Assert.Contains("Jobs:Lease: 'soon' is not a duration such as 30s, 15m or 24h from 2s to 1h", line, StringComparison.Ordinal),
            line => Assert.Contains("Observe:LongestGap: 00:00:20 is not less than Observe:UpAfter (00:00:05)", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--frobnicate", "--frobnicate")]
    [InlineData("serve", "serve")]
    [InlineData("--prune", "--prune needs --manifests")]
    public async Task A_word_that_it_does_not_know_brings_the_usage(string word, string expected)
    {
        await using var place = new HostPlace(Nowhere);
        var host = place.Start(word);

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains(host.Errors, line => line.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line.StartsWith("Usage:", StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line.Contains("--manifests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line_and_nothing_runs()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        place.Settings["Host__Urls"] = $"http://127.0.0.1:{port}";
        var host = place.Start();

        Assert.Equal(1, await host.ExitAsync());

        var line = Assert.Single(host.Errors);
        Assert.StartsWith($"error: port {port} of http://127.0.0.1:{port} is taken by another program", line, StringComparison.Ordinal);
        NoTraces(host);
    }

    [Fact]
    public async Task It_says_where_it_listens_what_it_is_made_of_and_that_there_is_nothing_to_watch()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        Assert.Contains("Listening on http://127.0.0.1:", host.Text, StringComparison.Ordinal);
        Assert.Contains("host: Pushcart.Standalone.FunctionsWorker; tables: Pushcart.Standalone.Tables; executor: process", host.Text, StringComparison.Ordinal);
        Assert.Contains("nothing to watch yet. Try: dotnet run --project functions -- --manifests samples/interval.yaml", host.Text, StringComparison.Ordinal);
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Errors);
    }

    /// <summary>No line is part of a stack trace.</summary>
    internal static void NoTraces(HostProcess host) => Assert.DoesNotContain(
        host.Lines, line => line.StartsWith("   at ", StringComparison.Ordinal) || line.Contains("Unhandled exception", StringComparison.Ordinal));
}

using System.Net;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tokens;

namespace Pushcart.Tests.Real.Host;

/// <summary>The first admin token at a host's start.</summary>
[Collection("hosts")]
public sealed class FirstAdminTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_first_start_makes_one_in_a_file_of_its_user_and_later_starts_make_none()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var file = AdminTokenFile.PathBelow(place.Folder);
        var value = host.AdminToken;

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), "others may read the token");
        Assert.Contains(file, host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(value[4..], host.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(value, "GET", "api/tokens")).Status);
        host.Terminate();
        await host.ExitAsync();

        host = await place.StartLiveAsync();
        Assert.Equal(value, host.AdminToken);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(value, "GET", "api/tokens")).Status);
        Assert.Single(await TokensAsync(place));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_hosts_that_start_at_once_make_one_token(bool sameFolder)
    {
        await using var one = new HostPlace(azurite.ConnectionString);
        await using var two = new HostPlace(azurite.ConnectionString, one.Prefix);

        // With the process executor the second one waits or is refused, before or after it looked; hosts that interleave step by step are among the tests of units.
        var first = one.Start();
        var second = sameFolder ? one.Start() : two.Start();
        await Task.WhenAny(first.LiveAsync(), second.LiveAsync());
        await FunctionsWorker.Eventually.TrueAsync(async () => (await TokensAsync(one)).Count > 0, "a token");

        Assert.Single(await TokensAsync(one));
        Assert.Single(await one.RowsAsync(TableNames.Tokens), row => row.RowKey == "first");
        var stored = (await one.RowsAsync(TableNames.Tokens)).Single(row => row.RowKey == "first").GetString("hash");
        var files = new[] { one, two }.Select(place => AdminTokenFile.Read(AdminTokenFile.PathBelow(place.Folder))).OfType<string>();
        Assert.Equal(stored, TokenValue.HashOf(Assert.Single(files)));
    }

    [Fact]
    public async Task A_value_in_the_setting_makes_one_and_a_new_value_another_one_and_the_old_one_is_revoked()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var (lost, fresh) = (TokenValue.New(TokenValue.Service, Chance.System), TokenValue.New(TokenValue.Service, Chance.System));
        place.Settings["Tokens__FirstAdmin"] = lost;
        var host = await place.StartLiveAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(lost, "GET", "api/tokens")).Status);
        Assert.False(File.Exists(AdminTokenFile.PathBelow(place.Folder)));
        host.Terminate();
        await host.ExitAsync();

        place.Settings["Tokens__FirstAdmin"] = fresh;
        host = await place.StartLiveAsync();

        Assert.Equal((401, "auth.invalid_token"), (await host.AskAsync(lost, "GET", "api/tokens")).Error);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(fresh, "GET", "api/tokens")).Status);
        Assert.Single(await TokensAsync(place));
        Assert.Matches("this host from this host: first admin token: made, token [0-9a-f]{24}; token [0-9a-f]{24} is revoked", host.Text);
        Assert.DoesNotContain(fresh[4..], host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(fresh[4..], await place.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_file_is_told_with_the_way_to_a_new_token()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        host.Terminate();
        await host.ExitAsync();
        File.Delete(AdminTokenFile.PathBelow(place.Folder));

        host = await place.StartLiveAsync();

        Assert.Contains("its file is lost; set Tokens:FirstAdmin to a new value", host.Text, StringComparison.Ordinal);
        Assert.Single(await TokensAsync(place));
    }

    [Fact]
    public async Task A_host_that_others_reach_without_tls_warns_and_still_asks_for_a_token()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Host__Urls"] = "http://0.0.0.0:0";
        var host = place.Start();
        var address = (await host.LineAsync("Listening on http")).Split("Listening on ")[1].Split([',', ';'])[0].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);

        Assert.Contains(host.Lines, line => line.Contains("http://0.0.0.0:0 can be reached by other machines, and is not encrypted", StringComparison.Ordinal));
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        using var answer = await client.GetAsync("api/jobs");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<List<string>> TokensAsync(HostPlace place) =>
        [.. (await place.RowsAsync(TableNames.Tokens)).Select(row => row.RowKey).Where(key => key.StartsWith("token|", StringComparison.Ordinal))];
}

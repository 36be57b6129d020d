using Pushcart.Resources.Manifests.Syntax;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Tokens;

namespace Pushcart.Tests.Real.Cli;

/// <summary><c>pushcart tokens</c> against a real host.</summary>
[Collection("hosts")]
public sealed class TokenCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_token_is_made_shown_once_rotated_with_an_overlap_listed_and_deleted()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);

        // Standard output is the value and nothing else, so that a file of it is a token file.
        var made = await cli.RunAsync("tokens", "create", "--description", "deploys", "--scope", "write", "--scope", "hook", "-n", "team-a", "-n", "team-b", "--expires-in", "90d");
        var value = made.Ok.Trim();
        Assert.True(TokenValue.HasForm(value));
        Assert.DoesNotContain(value, made.Errors, StringComparison.Ordinal);
        var id = made.Errors.Split(' ')[1];
        var row = (await cli.RunAsync("tokens", "list")).Lines[1];
        Assert.StartsWith($"{id}   deploys       write,hook   team-a,team-b   ", row, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("jobs", "--token-file", cli.Write("token", value))).Exit);

        var rotated = (await cli.RunAsync("tokens", "rotate", id, "--overlap", "1h", "-o", "json")).Json;
        Assert.NotEqual(value, rotated.GetProperty("token_value").GetString());
        Assert.True(rotated.TryGetProperty("old_value_until", out _));
        Assert.Equal(0, (await cli.RunAsync("jobs", "--token-file", "token")).Exit);

        Assert.Equal($"token {id} deleted\n", (await cli.RunAsync("tokens", "delete", id)).Ok);
        Assert.Equal(4, (await cli.RunAsync("jobs", "--token-file", "token")).Exit);
        Assert.Equal(5, (await cli.RunAsync("tokens", "delete", id)).Exit);
        Assert.Equal(2, (await cli.RunAsync("tokens", "create", "--description", "x", "--scope", "root")).Exit);
        Assert.Equal(2, (await cli.RunAsync("tokens", "create", "--description", "x", "--secret-name", "y")).Exit);
        Assert.Equal((2, "error: -o secret is for new tokens; take table, json or yaml\n"), (await cli.RunAsync("tokens", "list", "-o", "secret")) is var (exit, _, errors) ? (exit, errors) : default);
    }

    [Fact]
    public async Task As_a_secret_it_is_a_manifest_that_Kubernetes_takes()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);

        var manifest = (await cli.RunAsync("tokens", "create", "--description", "worker", "--scope", "worker", "-o", "secret", "--secret-name", "jobs/yes")).Ok;

        var document = Assert.Single(YamlText.Read(manifest));
        Assert.Empty(document.Faults.Found);
        var secret = document.Root!.AsObject();
        Assert.Equal(["apiVersion", "kind", "metadata", "type", "stringData"], secret.Select(field => field.Key));
        Assert.Equal(("v1", "Secret", "Opaque"), ((string?)secret["apiVersion"], (string?)secret["kind"], (string?)secret["type"]));
        Assert.Equal(("jobs", "yes"), ((string?)secret["metadata"]!["namespace"], (string?)secret["metadata"]!["name"]));
        Assert.True(TokenValue.HasForm((string?)secret["stringData"]!["token"]));
        Assert.Equal(403, (await host.AskAsync((string?)secret["stringData"]!["token"], "GET", "api/jobs")).Error.Status);
    }
}

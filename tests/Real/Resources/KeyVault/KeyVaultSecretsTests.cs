using Azure.Core;
using Azure.Identity;
using Pushcart.Resources;
using Pushcart.Resources.KeyVault;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Resources.KeyVault;

/// <summary>Secrets of a key vault, by the real client, over TLS.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class KeyVaultSecretsTests : IAsyncLifetime
{
    private const string Value = "s3cr3t-of-the-vault";
    private readonly Identity _identity = new();
    private readonly ManualTime _time = new();
    private VaultServer _vault = null!;

    public async Task InitializeAsync() => _vault = await VaultServer.StartAsync();

    public async Task DisposeAsync() => await _vault.DisposeAsync();

    [Fact]
    public async Task A_key_is_read_from_the_JSON_of_the_vaults_secret_and_kept_for_a_minute()
    {
        _vault.Secrets["team--git"] = $$"""{"username":"reader","password":"{{Value}}\n"}""";
        var secrets = Secrets();

        Assert.Equal("reader", (await secrets.ReadAsync("team", "git", "username", default)).Value);
        Assert.Equal(Value, (await secrets.ReadAsync("team", "git", "password", default)).Value);
        Assert.Equal(["/secrets/team--git/?api-version=7.4"], _vault.Asked);
        Assert.Equal(["https://vault.azure.net/.default"], _identity.Scopes);

        _vault.Secrets["team--git"] = """{"username":"other"}""";
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("reader", (await secrets.ReadAsync("team", "git", "username", default)).Value);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("other", (await secrets.ReadAsync("team", "git", "username", default)).Value);
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_the_command_that_makes_it_and_asked_for_anew()
    {
        var secrets = Secrets();

        var answer = await secrets.ReadAsync("team", "git", "token", default);
        Assert.Equal(
            new SecretAnswer(null, "the secret team/git does not exist: the key vault team.vault.azure.net has no secret team--git; make it: "
                + """az keyvault secret set --vault-name team --name team--git --file FILE, where FILE holds a JSON object of texts, such as {"token":"..."}"""),
            answer);

        _vault.Secrets["team--git"] = $$"""{"token":"{{Value}}"}""";
        Assert.Equal(Value, (await secrets.ReadAsync("team", "git", "token", default)).Value);
    }

    [Theory]
    [InlineData("""{"other":"s3cr3t-of-the-vault","more":"s3cr3t-of-the-vault"}""", "the secret team/git has no key token: the value of the secret team--git of the key vault team.vault.azure.net has other, more")]
    [InlineData("s3cr3t-of-the-vault", "must be a JSON object of texts, such as {\"token\":\"...\"}, and is something else")]
    [InlineData("""{"token":{"s3cr3t-of-the-vault":1}}""", "and is something else")]
    [InlineData("""["s3cr3t-of-the-vault"]""", "and is something else")]
    [InlineData("""{"token":"s3cr3t-of-the-vault","token":"s3cr3t-of-the-vault"}""", "and is something else")]
    [InlineData("{}", "is an empty JSON object")]
    public async Task A_value_of_another_form_is_told_and_never_shown(string value, string expected)
    {
        _vault.Secrets["team--git"] = value;

        var answer = await Secrets().ReadAsync("team", "git", "token", default);

        Assert.Equal((null, true), (answer.Value, answer.Answered));
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "ForbiddenByRbac", "this identity may not read it (403 ForbiddenByRbac); give it the role Key Vault Secrets User on the vault")]
    [InlineData(403, "ForbiddenByFirewall", "the vault's network rules refuse this address (403); allow it, or use a private endpoint")]
    [InlineData(403, "SecretDisabled", "it is disabled; enable it")]
    [InlineData(429, null, "it takes no more requests for now (429)")]
    [InlineData(500, null, "it has a problem of its own (500)")]
    [InlineData(404, null, "it answers 404 Forbidden, as no key vault does; look at KeyVault:Uri")]
    public async Task A_vault_that_gives_nothing_is_told_apart_from_a_secret_that_is_not_there(int status, string? inner, string expected)
    {
        var because = inner is null ? "" : $$""","innererror":{"code":"{{inner}}"}""";
        _vault.Says = (status, $$$"""{"error":{"code":"Forbidden","message":"Caller {{{Value}}}"{{{because}}}}}""");

        var answer = await Secrets(TimeProvider.System).ReadAsync("team", "git", "token", default);

        Assert.Equal(new SecretAnswer(null, "the secret team/git cannot be read: the key vault team.vault.azure.net, asked for the secret team--git: " + expected, Answered: false), answer);
    }

    [Fact]
    public async Task A_vault_that_is_away_is_unreachable()
    {
        var secrets = Secrets(TimeProvider.System);
        await _vault.StopAsync();

        var answer = await secrets.ReadAsync("team", "git", "token", default);

        Assert.False(answer.Answered);
        Assert.Contains("asked for the secret team--git: no connection: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("look at KeyVault:Uri, DNS and the network", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_identity_the_next_step_is_told()
    {
        using var transport = _vault.Transport();
        var answer = await new KeyVaultSecrets(Settings, new NoIdentity(), TimeProvider.System, transport).ReadAsync("team", "git", "token", default);

        Assert.False(answer.Answered);
        Assert.Contains("there is no identity to ask as: nobody is signed in; give this process a managed or workload identity", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_not_given_to_who_asks_for_one_of_another_domain()
    {
        _vault.Resource = "https://vault.example.com";
        using var transport = _vault.Transport();

        // Another vault: the client remembers, for the process, what one has asked for.
        var secrets = new KeyVaultSecrets(new() { Uri = "https://stranger.vault.azure.net" }, _identity, _time, transport);
        var answer = await secrets.ReadAsync("team", "git", "token", default);

        Assert.False(answer.Answered);
        Assert.Contains("does not ask for a token as a key vault of this address does", answer.Error, StringComparison.Ordinal);
        Assert.Empty(_vault.Asked);
        Assert.Empty(_identity.Scopes);
    }

    private static KeyVaultSettings Settings { get; } = new() { Uri = $"https://{VaultServer.Host}" };

    private KeyVaultSecrets Secrets(TimeProvider? time = null) => new(Settings, _identity, time ?? _time, _vault.Transport());

    private sealed class NoIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("nobody is signed in");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("nobody is signed in");
    }
}

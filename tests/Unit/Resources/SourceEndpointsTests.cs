using Microsoft.Extensions.Configuration;
using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources;

public sealed class SourceEndpointsTests
{
    private static readonly ResourceName Own = new(ResourceKind.GitRepo, "team", "app");
    private static readonly ResourceName Shared = new(ResourceKind.ClusterGitRepo, null, "app");
    private static readonly GitRepoSpec Basic = With(new AuthSpec { Type = AuthType.Basic, SecretName = "creds" });
    private static readonly GitRepoSpec Token = With(new AuthSpec { Type = AuthType.Token, SecretName = "creds" });

    private static readonly GitRepoSpec Ssh = new() { RepoUri = "git@h:x", Auth = new AuthSpec { Type = AuthType.Ssh, SecretName = "creds" } };

    private const string Key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUhunter2\n-----END OPENSSH PRIVATE KEY-----";

    [Fact]
    public async Task A_private_key_comes_with_the_known_hosts_of_its_secret_or_else_of_the_installation()
    {
        var installation = new GitSettings { KnownHosts = "h ssh-ed25519 installation" };
        Assert.Equal(
            new SshAuth(Key, "h ssh-ed25519 secret"),
            (await Resolve(Own, Ssh, installation, ("team:creds:ssh-privatekey", Key + "\n"), ("team:creds:known_hosts", "h ssh-ed25519 secret\n"))).Endpoint!.Auth);
        Assert.Equal(new SshAuth(Key, "h ssh-ed25519 installation"), (await Resolve(Own, Ssh, installation, ("team:creds:ssh-privatekey", Key))).Endpoint!.Auth);
        Assert.Equal(
            Key, ((SshAuth)(await Resolve(Shared, With(Ssh, "id", "vault"), installation, ("vault:creds:id", Key))).Endpoint!.Auth).PrivateKey);
    }

    [Fact]
    public async Task Without_known_hosts_there_is_no_endpoint_but_an_error_that_says_what_to_do()
    {
        var answer = await Resolve(Own, Ssh, ("team:creds:ssh-privatekey", Key));

        Assert.Null(answer.Endpoint);
        Assert.Equal(
            "no keys of hosts are known, and an unknown host is not trusted: put the host's line into the key known_hosts of the secret team/creds, or into the setting "
            + "Git:KnownHosts; ssh-keyscan HOST prints it, to be compared with what the host's owner publishes",
            answer.Error);
        Assert.Contains("has no key ssh-privatekey", (await Resolve(Own, Ssh)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hunter2", "holds no private key")]
    [InlineData("-----BEGIN PUBLIC KEY-----hunter2", "holds no private key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Nihunter2", "a passphrase protects")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nhunter2", "a passphrase protects")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nhunter2", "a passphrase protects")]
    public async Task A_private_key_that_ssh_cannot_use_is_told_and_not_shown(string key, string fault)
    {
        var error = (await Resolve(Own, Ssh, ("team:creds:ssh-privatekey", key))).Error;

        Assert.StartsWith("the key ssh-privatekey of the secret team/creds " + (fault.StartsWith('h') ? fault : "holds a private key that " + fault), error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_known_hosts_is_read_at_each_check()
    {
        var file = Path.GetTempFileName();
        try
        {
            var settings = new GitSettings { KnownHosts = "a ssh-ed25519 one", KnownHostsFile = file };
            await File.WriteAllTextAsync(file, "b ssh-ed25519 two\n");
            Assert.Equal("a ssh-ed25519 one\nb ssh-ed25519 two\n", ((SshAuth)(await Resolve(Own, Ssh, settings, ("team:creds:ssh-privatekey", Key))).Endpoint!.Auth).KnownHosts);

            File.Delete(file);
            Assert.StartsWith(
                $"Git:KnownHostsFile: '{file}' cannot be read: ", (await Resolve(Own, Ssh, settings, ("team:creds:ssh-privatekey", Key))).Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Without_credentials_no_secret_is_read() =>
        Assert.Equal(new GitEndpoint("https://h/x"), (await Resolve(Own, new GitRepoSpec { RepoUri = "https://h/x" })).Endpoint);

    [Fact]
    public async Task Basic_and_token_become_their_header_and_a_trailing_line_break_does_not_count()
    {
        Assert.Equal("Basic bWU6cHc=", (await Resolve(Own, Basic, ("team:creds:username", "me"), ("team:creds:password", "pw\n"))).Endpoint!.Auth.Header);
        Assert.Equal("Bearer t0", (await Resolve(Own, Token, ("team:creds:token", "Bearer t0\r\n"))).Endpoint!.Auth.Header);
    }

    [Fact]
    public async Task User_name_and_password_may_each_be_missing_but_not_both()
    {
        Assert.Equal(new BasicAuth("me", ""), (await Resolve(Own, Basic, ("team:creds:username", "me"))).Endpoint!.Auth);
        Assert.Equal(new BasicAuth("", "pw"), (await Resolve(Own, Basic, ("team:creds:password", "pw"))).Endpoint!.Auth);
        var error = (await Resolve(Own, Basic)).Error;
        Assert.Contains("the secret team/creds has no key username; set Secrets:team:creds:username", error, StringComparison.Ordinal);
        Assert.Contains("has no key password", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_no_missing_key()
    {
        var answer = await new SourceEndpoints(new AwayForPasswords()).ResolveAsync("team", Own, Basic, CancellationToken.None);
        Assert.Equal((null, "the store of secrets did not answer for team/creds password"), (answer.Endpoint, answer.Error));
    }

    [Fact]
    public async Task A_missing_token_names_secret_and_key_and_how_to_set_it() =>
        Assert.Equal(
            "the secret team/creds has no key token; set Secrets:team:creds:token (as an environment variable: Secrets__team__creds__token)",
            (await Resolve(Own, Token)).Error);

    [Fact]
    public async Task A_repository_uses_its_own_namespace_and_one_of_the_cluster_the_one_it_names_or_the_triggers()
    {
        var named = With(Token.Auth! with { SecretNamespace = "vault" });
        (string, string)[] secrets = [("team:creds:token", "of-team"), ("vault:creds:token", "of-vault")];
        Assert.Equal("of-team", (await Resolve(Own, named, secrets)).Endpoint!.Auth.Header);
        Assert.Equal("of-vault", (await Resolve(Shared, named, secrets)).Endpoint!.Auth.Header);
        Assert.Equal("of-team", (await Resolve(Shared, Token, secrets)).Endpoint!.Auth.Header);
    }

    [Fact]
    public async Task Certificates_come_from_their_secret_and_must_be_pem()
    {
        var spec = new GitRepoSpec { RepoUri = "https://h/x", Tls = new TlsSpec { NoVerifySsl = true, CaCert = new SecretKeyRef(null, "ca", "ca.crt") } };
        const string Pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";
        var endpoint = (await Resolve(Own, spec, ("team:ca:ca.crt", Pem))).Endpoint!;
        Assert.Equal((Pem, true), (endpoint.CaCertificates, endpoint.NoVerifySsl));
        Assert.Contains("the key ca.crt of the secret team/ca holds no certificate", (await Resolve(Own, spec, ("team:ca:ca.crt", "x"))).Error, StringComparison.Ordinal);
        Assert.Contains("the secret team/ca has no key ca.crt", (await Resolve(Own, spec)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hunter2\nX-Other: 1")]
    [InlineData("hunter2é")]
    public async Task A_token_that_no_header_can_carry_is_refused_and_not_shown(string token)
    {
        var answer = await Resolve(Own, Token, ("team:creds:token", token));
        Assert.Null(answer.Endpoint);
        Assert.DoesNotContain("hunter2", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_text_of_an_answer_shows_a_secret()
    {
        var answer = await Resolve(Own, Token, ("team:creds:token", "hunter2"));
        Assert.NotNull(answer.Endpoint);
        Assert.DoesNotContain("hunter2", answer.ToString(), StringComparison.Ordinal);
        Assert.Equal("a secret", new SecretAnswer("hunter2", null).ToString());
    }

    private static GitRepoSpec With(GitRepoSpec spec, string privateKey, string ns) => spec with { Auth = spec.Auth! with { PrivateKeyKey = privateKey, SecretNamespace = ns } };

    private static GitRepoSpec With(AuthSpec auth) => new() { RepoUri = "https://h/x", Auth = auth };

    private static Task<EndpointAnswer> Resolve(ResourceName source, GitRepoSpec spec, params (string Key, string Value)[] secrets) =>
        Resolve(source, spec, null, secrets);

    private static Task<EndpointAnswer> Resolve(ResourceName source, GitRepoSpec spec, GitSettings? git, params (string Key, string Value)[] secrets)
    {
        var settings = secrets.Select(secret => KeyValuePair.Create("Secrets:" + secret.Key, (string?)secret.Value));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new SourceEndpoints(new ConfigurationSecrets(configuration), git).ResolveAsync("team", source, spec, CancellationToken.None);
    }

    private sealed class AwayForPasswords : ISecrets
    {
        public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation) => Task.FromResult(
            key == "password" ? new SecretAnswer(null, $"the store of secrets did not answer for {ns}/{name} {key}", Answered: false) : new SecretAnswer("me", null));
    }
}

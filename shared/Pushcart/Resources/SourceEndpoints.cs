using Pushcart.Git;

namespace Pushcart.Resources;

/// <summary>
/// Turns a source into the endpoint that git is asked at, with its credentials. A GitRepo uses the secrets of its own namespace only, which is the trigger's;
/// a ClusterGitRepo those of the namespace that it names, or else of the trigger's.
/// </summary>
/// <param name="secrets">The secrets.</param>
/// <param name="settings">What the installation knows of git servers; null: nothing.</param>
public sealed class SourceEndpoints(ISecrets secrets, GitSettings? settings = null)
{
    private const string KnownHosts = "known_hosts";

    // How the body of a key in OpenSSH's form begins when no passphrase protects it: its magic word, and "none" as the name of the cipher.
    private const string OpenKey = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";

    /// <summary>Reads what the source's spec names.</summary>
    /// <param name="triggerNamespace">Namespace of the trigger.</param>
    /// <param name="source">The source.</param>
    /// <param name="spec">Its spec.</param>
    /// <param name="cancellation">Ends the reading of secrets.</param>
    /// <returns>The endpoint, or an error that names secret and key, never a value.</returns>
    public async Task<EndpointAnswer> ResolveAsync(string triggerNamespace, ResourceName source, GitRepoSpec spec, CancellationToken cancellation)
    {
        string NamespaceOf(string? named) => source.Namespace ?? named ?? triggerNamespace;
        var (caCertificates, caError) = spec.Tls.CaCert is { } ca
            ? await CaAsync(new SecretKey(NamespaceOf(ca.Namespace), ca.Name, ca.Key), cancellation)
            : (null, null);
        if (caError is not null)
        {
            return new EndpointAnswer(null, caError);
        }

        var (auth, authError) = spec.Auth is { } wanted
            ? await AuthAsync(wanted, NamespaceOf(wanted.SecretNamespace), cancellation)
            : (GitAuth.None, null);
        return auth is null
            ? new EndpointAnswer(null, authError)
            : new EndpointAnswer(new GitEndpoint(spec.RepoUri) { Auth = auth, CaCertificates = caCertificates, NoVerifySsl = spec.Tls.NoVerifySsl }, null);
    }

    private async Task<(string? Pem, string? Error)> CaAsync(SecretKey key, CancellationToken cancellation)
    {
        var answer = await ReadAsync(key, cancellation);
        return answer.Value?.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal) == false
            ? (null, $"{key} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")
            : (answer.Value, answer.Error);
    }

    private Task<(GitAuth? Auth, string? Error)> AuthAsync(AuthSpec auth, string ns, CancellationToken cancellation) => auth.Type switch
    {
        AuthType.Token => TokenAsync(new SecretKey(ns, auth.SecretName, auth.TokenKey), cancellation),
        AuthType.Ssh => SshAsync(new SecretKey(ns, auth.SecretName, auth.PrivateKeyKey), new SecretKey(ns, auth.SecretName, KnownHosts), cancellation),
        _ => BasicAsync(new SecretKey(ns, auth.SecretName, auth.UserNameKey), new SecretKey(ns, auth.SecretName, auth.PasswordKey), cancellation),
    };

    private async Task<(GitAuth? Auth, string? Error)> TokenAsync(SecretKey key, CancellationToken cancellation)
    {
        var answer = await ReadAsync(key, cancellation);
        if (answer.Value is null)
        {
            return (null, answer.Error);
        }

        // What a header cannot carry must not reach HttpClient, whose exception would show the value.
        return answer.Value.Length > 0 && answer.Value.All(c => c is >= ' ' and <= '~')
            ? (new TokenAuth(answer.Value), null)
            : (null, $"{key} is empty or holds characters that a header cannot carry");
    }

    // Many servers want one of the two only, so each may be missing by itself; but a store that did not answer says nothing about either.
    private async Task<(GitAuth? Auth, string? Error)> BasicAsync(SecretKey userKey, SecretKey passwordKey, CancellationToken cancellation)
    {
        var user = await ReadAsync(userKey, cancellation);
        var password = await ReadAsync(passwordKey, cancellation);
        if (!user.Answered || !password.Answered)
        {
            return (null, user.Answered ? password.Error : user.Error);
        }

        if (user.Value is null && password.Value is null)
        {
            return (null, $"{user.Error}; {password.Error}; one of the two is needed");
        }

        return user.Value?.Contains(':', StringComparison.Ordinal) == true
            ? (null, $"{userKey} holds a colon, which a user name cannot")
            : (new BasicAuth(user.Value ?? "", password.Value ?? ""), null);
    }

    private async Task<(GitAuth? Auth, string? Error)> SshAsync(SecretKey keyName, SecretKey hostsName, CancellationToken cancellation)
    {
        var key = await ReadAsync(keyName, cancellation);
        if (key.Value is null || PrivateKeyFault(key.Value) is not null)
        {
            return (null, key.Value is null ? key.Error : $"{keyName} {PrivateKeyFault(key.Value)}");
        }

        var hosts = await ReadAsync(hostsName, cancellation);
        if (!hosts.Answered || hosts.Value is not null)
        {
            return hosts.Value is null ? (null, hosts.Error) : (new SshAuth(key.Value, hosts.Value), null);
        }

        var (lines, error) = settings?.ReadKnownHosts() ?? default;
        return lines is null
            ? (null, error ?? $"no keys of hosts are known, and an unknown host is not trusted: put the host's line into {hostsName}, or into the setting Git:KnownHosts; "
                + "ssh-keyscan HOST prints it, to be compared with what the host's owner publishes")
            : (new SshAuth(key.Value, lines), null);
    }

    private static string? PrivateKeyFault(string key)
    {
        if (!key.Contains("-----BEGIN ", StringComparison.Ordinal) || !key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return "holds no private key (-----BEGIN OPENSSH PRIVATE KEY-----)";
        }

        var isOpen = key.Contains("OPENSSH", StringComparison.Ordinal) ? key.Contains(OpenKey, StringComparison.Ordinal) : !key.Contains("ENCRYPTED", StringComparison.Ordinal);
        return isOpen ? null : "holds a private key that a passphrase protects, and nobody is there to type it; use a key without one (ssh-keygen -p removes it)";
    }

    private Task<SecretAnswer> ReadAsync(SecretKey key, CancellationToken cancellation) => secrets.ReadAsync(key.Namespace, key.Name, key.Key, cancellation);

    private sealed record SecretKey(string Namespace, string Name, string Key)
    {
        public override string ToString() => $"the key {Key} of the secret {Namespace}/{Name}";
    }
}

/// <summary>The endpoint of a source, or why there is none.</summary>
/// <param name="Endpoint">The endpoint, or null.</param>
/// <param name="Error">Where there is none: a sentence for the source's status.</param>
public sealed record EndpointAnswer(GitEndpoint? Endpoint, string? Error);

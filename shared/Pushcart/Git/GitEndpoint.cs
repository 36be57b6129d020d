namespace Pushcart.Git;

/// <summary>One git repository, as it is reached: address, credentials and trust. Two sources with equal endpoints share one request.</summary>
/// <param name="RepoUri">The address, <c>https://</c>, <c>http://</c>, <c>ssh://user@host/path</c> or <c>user@host:path</c>, without credentials.</param>
public sealed record GitEndpoint(string RepoUri)
{
    /// <summary>How the caller proves who it is.</summary>
    public GitAuth Auth { get; init; } = GitAuth.None;

    /// <summary>Certificates in PEM that are trusted besides the system's, or null.</summary>
    public string? CaCertificates { get; init; }

    /// <summary>True where the server's certificate is not checked at all.</summary>
    public bool NoVerifySsl { get; init; }
}

/// <summary>A credential for a git server. Its text form never shows a secret.</summary>
public abstract record GitAuth
{
    /// <summary>No credential.</summary>
    public static GitAuth None { get; } = new NoAuth();

    /// <summary>The value of the <c>Authorization</c> header, or null for none.</summary>
    public abstract string? Header { get; }

    /// <summary>Names the kind of credential only.</summary>
    public sealed override string ToString() => GetType().Name;

    private sealed record NoAuth : GitAuth
    {
        public override string? Header => null;
    }
}

/// <summary>User name and password, RFC 7617. Either may be empty.</summary>
public sealed record BasicAuth(string UserName, string Password) : GitAuth
{
    /// <inheritdoc/>
    public override string Header => "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{UserName}:{Password}"));
}

/// <summary>The raw value of the <c>Authorization</c> header.</summary>
public sealed record TokenAuth(string Value) : GitAuth
{
    /// <inheritdoc/>
    public override string Header => Value;
}

/// <summary>A private key for ssh, and the keys of hosts that are known.</summary>
/// <param name="PrivateKey">The private key, in OpenSSH's form or PEM, without a passphrase.</param>
/// <param name="KnownHosts">Lines of a <c>known_hosts</c> file. A host that is not in them is not talked to.</param>
public sealed record SshAuth(string PrivateKey, string KnownHosts) : GitAuth
{
    /// <inheritdoc/>
    public override string? Header => null;
}

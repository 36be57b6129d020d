using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Execution.Kubernetes.Client.Transport;

/// <summary>Whom a connection to the API server trusts, and which way it goes.</summary>
internal sealed record KubeTrust
{
    /// <summary>The only issuers that are trusted; null: the system's.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>The same as PEM, for an exec plugin that asks for it.</summary>
    public string? RootsPem { get; init; }

    /// <summary>True where the certificate is not checked at all.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>The name that the certificate must be for; null: the server's.</summary>
    public string? ServerName { get; init; }

    /// <summary>The proxy; null: the environment's, and none to this machine.</summary>
    public Uri? Proxy { get; init; }
}

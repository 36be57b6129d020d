using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>Where the credentials for the API come from. Safe to use by several threads.</summary>
internal interface IKubeCredentials
{
    /// <summary>The credential as it is now: from memory while it is fresh.</summary>
    Task<KubeAnswer<KubeCredential>> GetAsync(CancellationToken cancellation);

    /// <summary>Tells that the server answered 401 to this credential.</summary>
    /// <returns>True where the next <see cref="GetAsync"/> may give another one.</returns>
    bool Refused(KubeCredential credential);
}

/// <summary>A credential. Its text form never shows a secret.</summary>
/// <param name="Token">A bearer token, or null.</param>
/// <param name="Certificate">A client certificate with its key, or null.</param>
/// <param name="Chain">Certificates between it and an issuer that the server knows.</param>
internal sealed record KubeCredential(string? Token, X509Certificate2? Certificate = null, X509Certificate2Collection? Chain = null)
{
    /// <summary>No credential.</summary>
    public static KubeCredential None { get; } = new(Token: null);

    /// <summary>Names the kind of credential only.</summary>
    public override string ToString() => Token is not null ? "token" : Certificate is not null ? "client certificate" : "none";
}

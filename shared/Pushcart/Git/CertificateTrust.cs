using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Git;

/// <summary>What is common to all who trust issuers of their own: git servers with a bundle, and API servers of clusters.</summary>
internal static class CertificateTrust
{
    /// <summary>True where these roots vouch for a certificate. Whether it is the right host's is the caller's to look at.</summary>
    public static bool Vouch(X509Certificate2Collection roots, X509Certificate2 leaf, X509Chain? seen)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        foreach (var element in seen?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    /// <summary>Why a certificate is not trusted, as the end of a sentence.</summary>
    public static string Reason(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "it is for another host";
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, next) => all | next.Status) ?? X509ChainStatusFlags.NoError;
        return status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "it has expired, or is not valid yet" : "its issuer is unknown";
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Pushcart.Deployment;

/// <summary>Trust in a cluster's own certificate authority, and in no other.</summary>
internal static class ClusterTrust
{
    /// <summary>A handler that trusts it.</summary>
    /// <param name="authority">Base64 of PEM, as kubeconfigs have it.</param>
    public static HttpMessageHandler Handler(string authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(authority)));
        return new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
    }
}

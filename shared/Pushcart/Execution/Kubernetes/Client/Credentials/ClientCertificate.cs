using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>A client certificate with its key, both PEM: RSA or elliptic curves, not encrypted.</summary>
internal static class ClientCertificate
{
    /// <summary>The credential.</summary>
    /// <param name="certificatePem">The certificate, and those between it and its issuer.</param>
    /// <param name="keyPem">Its key.</param>
    /// <param name="token">A token that is sent as well, or null.</param>
    /// <param name="fault">What is wrong, as the end of a sentence; never the key.</param>
    public static KubeCredential? Read(string certificatePem, string keyPem, string? token, out string? fault)
    {
        fault = null;
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            fault = "has an encrypted key, which is not supported; write the key without a passphrase";
            return null;
        }

        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(certificatePem);
            using var own = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            var chain = new X509Certificate2Collection(all.Where(c => c.Thumbprint != own.Thumbprint).ToArray());
            return new KubeCredential(token, Usable(own), chain);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            fault = "is no certificate in PEM with its own key in PEM (RSA or EC)";
            return null;
        }
    }

    // Windows takes no key for TLS that stands in memory only; elsewhere this changes nothing.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
}

using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>PEM files of a certificate for https and of its private key.</summary>
/// <param name="Certificate">Path of the certificate, its chain after it.</param>
/// <param name="Key">Path of the private key, not encrypted.</param>
internal sealed record CertificateFiles(string Certificate, string Key)
{
    /// <summary>Reads the files; null and what is wrong where they cannot be used.</summary>
    public LoadedCertificate? TryLoad(out string fault)
    {
        fault = string.Empty;
        try
        {
            var (certificate, key) = (File.ReadAllText(Certificate), File.ReadAllText(Key));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            var leaf = X509Certificate2.CreateFromPem(certificate, key);
            return new LoadedCertificate(SslStreamCertificateContext.Create(leaf, chain, offline: true), Fingerprint(certificate, key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            fault = $"the files of Host:Certificate, {Certificate}, and Host:CertificateKey, {Key}, cannot be used: {e.Message} "
                + "They must be PEM files: the certificate with its chain after it, and its private key without a password";
            return null;
        }
    }

    /// <summary>Whether the files hold something else than what was loaded. False while they cannot be read: they may be just about to be replaced.</summary>
    public bool HaveChanged(LoadedCertificate loaded)
    {
        try
        {
            return Fingerprint(File.ReadAllText(Certificate), File.ReadAllText(Key)) != loaded.Fingerprint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Fingerprint(string certificate, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(certificate + "\n" + key)));
}

/// <summary>A certificate that is in use.</summary>
/// <param name="Context">What a handshake needs of it.</param>
/// <param name="Fingerprint">Hash of the files' content.</param>
internal sealed record LoadedCertificate(SslStreamCertificateContext Context, string Fingerprint);

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Workers.Working.Link;

/// <summary>How the server is reached.</summary>
public sealed record LinkSettings
{
    /// <summary>Where it listens.</summary>
    public required Uri Server { get; init; }

    /// <summary>How long one answer may take, besides what the server was asked to wait. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that are read of an answer; a job with all it was submitted with is below it. 1 MiB.</summary>
    public int AnswerBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that are read of the answer to a return, which may tell of 100 jobs. 32 MiB.</summary>
    public int ReturnBytes { get; init; } = 32 << 20;

    /// <summary>The only issuers that are trusted; null: the system's.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>The certificate that is shown to the server; null: none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>True where the server's certificate is not looked at.</summary>
    public bool Insecure { get; init; }

    /// <summary>Reads the files of a TLS connection.</summary>
    /// <param name="caFile">PEM file of issuers; null: the system's.</param>
    /// <param name="certificateFile">PEM file of the own certificate; null: none.</param>
    /// <param name="keyFile">PEM file of its key; null: it stands in the certificate's file.</param>
    /// <param name="errors">What is wrong with them is added here; it names the setting and the file, and holds nothing of a key.</param>
    public LinkSettings WithFiles(string? caFile, string? certificateFile, string? keyFile, ICollection<string> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var settings = this;
        if (caFile is not null && Read("ca-file", caFile, Issuers, errors) is { } roots)
        {
            settings = settings with { Roots = roots };
        }

        if (certificateFile is null && keyFile is not null)
        {
            errors.Add("client-key: it goes with client-cert, which is missing");
        }

        return certificateFile is not null && Read("client-cert", certificateFile, file => Own(file, keyFile), errors) is { } own ? settings with { Certificate = own } : settings;
    }

    private static X509Certificate2Collection Issuers(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new CryptographicException("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
    }

    private static X509Certificate2 Own(string file, string? keyFile)
    {
        using var pem = X509Certificate2.CreateFromPemFile(file, keyFile);

        // A key that was read from PEM belongs to no store, which some platforms need for TLS.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
    }

    private static T? Read<T>(string setting, string file, Func<string, T> read, ICollection<string> errors) where T : class
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            errors.Add($"{setting}: {file} cannot be used: {e.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }
}

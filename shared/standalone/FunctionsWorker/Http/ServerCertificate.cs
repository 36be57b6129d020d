using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>
/// The certificate for https. New connections get what the files hold, looked at with a handshake and at most once a second: by content, for
/// the mounted files of a cluster change by a link above them. What cannot be used is told once, and the certificate before it stays.
/// </summary>
internal sealed class ServerCertificate(CertificateFiles files, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger("Host");
    private readonly Lock _lock = new();
    private LoadedCertificate? _loaded;
    private long _lookedAt;
    private string _told = string.Empty;

    /// <summary>The certificate for a handshake.</summary>
    /// <exception cref="InvalidOperationException">The files have become unusable since the host checked them, before the first handshake.</exception>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (_loaded is null || (time.GetElapsedTime(_lookedAt) >= Interval && files.HaveChanged(_loaded)))
            {
                Load();
            }
            else if (time.GetElapsedTime(_lookedAt) < Interval)
            {
                return _loaded.Context;
            }

            _lookedAt = time.GetTimestamp();
            return _loaded!.Context;
        }
    }

    private void Load()
    {
        if (files.TryLoad(out var fault) is { } loaded)
        {
            if (_loaded is not null)
            {
                _logger.LogInformation("Certificate {Path} has changed and is used for new connections", files.Certificate);
            }

            (_loaded, _told) = (loaded, string.Empty);
        }
        else if (_loaded is null)
        {
            throw new InvalidOperationException(fault);
        }
        else if (_told != fault)
        {
            _told = fault;
            _logger.LogError("The certificate stays as it was: {Fault}", fault);
        }
    }
}

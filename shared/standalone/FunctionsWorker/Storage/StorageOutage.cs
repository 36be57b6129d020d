using System.Collections.Concurrent;
using Azure;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Storage;

/// <summary>Whether storage answers: each outage of an address is logged once, and its end.</summary>
internal sealed class StorageOutage(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Host");

    private readonly ConcurrentDictionary<string, bool> _away = new();

    /// <summary>True for a failure that time may mend: no connection, no answer in time, or a fault of the server.</summary>
    public static bool IsAway(Exception exception) => exception switch
    {
        RequestFailedException failed => failed.Status is 0 or 408 or 429 or >= 500,
        AggregateException aggregate => aggregate.InnerExceptions.All(IsAway),
        HttpRequestException or IOException or TimeoutException or TaskCanceledException => true,
        _ => false,
    };

    /// <summary>The address does not answer.</summary>
    public void Report(Uri address)
    {
        if (_away.TryAdd(Name(address), true))
        {
            _logger.LogWarning("Storage does not answer at {Address}; waiting", Name(address));
        }
    }

    /// <summary>The address answers.</summary>
    public void Clear(Uri address)
    {
        if (!_away.IsEmpty && _away.TryRemove(Name(address), out _))
        {
            _logger.LogInformation("Storage answers again at {Address}", Name(address));
        }
    }

    private static string Name(Uri address) => address.GetLeftPart(UriPartial.Authority);
}

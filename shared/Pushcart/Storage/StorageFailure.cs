using Azure;

namespace Pushcart.Storage;

/// <summary>Tells storage that is away from all other failures.</summary>
public static class StorageFailure
{
    /// <summary>True where storage did not answer, or not in time: what was asked of it may be asked again.</summary>
    /// <param name="failure">What its caller met.</param>
    /// <param name="cancellation">The caller's own: once it is cancelled, a cancelled call tells nothing about storage.</param>
    public static bool IsAway(Exception failure, CancellationToken cancellation) => failure switch
    {
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } or TimeoutException or HttpRequestException or IOException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        AggregateException several => several.InnerExceptions.All(e => IsAway(e, cancellation)),
        _ => false,
    };
}

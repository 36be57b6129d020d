namespace Pushcart.Standalone.Azurite;

/// <summary>Which Azurite is wanted.</summary>
public sealed record AzuriteOptions
{
    /// <summary>Folder of the data, the log and the locks; made where it is absent. Those who name the same folder share one Azurite.</summary>
    public required string Location { get; init; }

    /// <summary>Port of the blob service on 127.0.0.1; 0: a free one.</summary>
    public int BlobPort { get; init; } = 10000;

    /// <summary>Port of the queue service on 127.0.0.1; 0: a free one.</summary>
    public int QueuePort { get; init; } = 10001;

    /// <summary>Port of the table service on 127.0.0.1; 0: a free one.</summary>
    public int TablePort { get; init; } = 10002;

    /// <summary>How long Azurite may take from its start to its first answer. Default 60 s, for slow machines; installing is not counted.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long Azurite may take to write its data and end, before it is killed. Default 15 s.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where npm's packages are kept; null: <c>pushcart</c> in <c>XDG_CACHE_HOME</c>, or in the user's usual cache folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>An Azurite in <paramref name="location"/> on free ports, beside any other.</summary>
    public static AzuriteOptions OnFreePorts(string location) => new() { Location = location, BlobPort = 0, QueuePort = 0, TablePort = 0 };
}

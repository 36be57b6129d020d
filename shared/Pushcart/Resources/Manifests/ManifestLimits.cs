namespace Pushcart.Resources.Manifests;

/// <summary>All limits on manifests. They bound what a caller can make the server do, far above what a person writes.</summary>
public static class ManifestLimits
{
    /// <summary>Bytes of a file, as UTF-8: 1 MiB.</summary>
    public const int FileBytes = 1024 * 1024;

    /// <summary>Bytes of a request that applies manifests: 3 MiB, about what one transaction takes.</summary>
    public const int RequestBytes = 3 * 1024 * 1024;

    /// <summary>Documents of a file, the items of its lists counted one by one: 1,000.</summary>
    public const int Documents = 1000;

    /// <summary>Objects and lists within each other: 64.</summary>
    public const int Depth = 64;

    /// <summary>Faults that are told of a file: 1,000. Of more only the number is told.</summary>
    public const int Errors = 1000;

    /// <summary>Characters of a spec as JSON: 30,000, what a string property of a table holds with room to spare.</summary>
    public const int SpecCharacters = 30_000;
}

namespace Pushcart.Git;

/// <summary>
/// How much of a git server's answer is read, and for how long. A server is never trusted: what exceeds a limit ends as
/// <see cref="GitFailureKind.TooLarge"/>, time as <see cref="GitFailureKind.TimedOut"/>. All values are positive.
/// </summary>
public sealed record GitLimits
{
    /// <summary>All defaults.</summary>
    public static GitLimits Default { get; } = new();

    /// <summary>Bytes of an answer that lists references or capabilities, after decompression. Default 1 MiB.</summary>
    public int RefsBytes { get; init; } = 1024 * 1024;

    /// <summary>References in such an answer. Default 10,000.</summary>
    public int Refs { get; init; } = 10_000;

    /// <summary>Redirects that are followed, one after another. Default 5.</summary>
    public int Redirects { get; init; } = 5;

    /// <summary>Bytes of an answer that carries a pack. Default 64 MiB.</summary>
    public int PackBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Objects in a pack. Default 200,000.</summary>
    public int Objects { get; init; } = 200_000;

    /// <summary>Bytes of one commit, tree or delta, inflated. Default 16 MiB. Blobs are skipped, not kept, and may be larger.</summary>
    public int ObjectBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of all commits, trees and deltas of a pack, inflated, which are held in memory. Default 128 MiB.</summary>
    public long KeptBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary>Bytes of all objects of a pack, inflated, blobs too. Default 1 GiB.</summary>
    public long InflatedBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Files and folders of a commit, counted as often as they appear. Default 500,000.</summary>
    public int TreeEntries { get; init; } = 500_000;

    /// <summary>Folders within each other. Default 128.</summary>
    public int TreeDepth { get; init; } = 128;

    /// <summary>Characters of a file's path. Default 4,096.</summary>
    public int PathLength { get; init; } = 4096;

    /// <summary>Time for the references of a remote, all requests of it together. Default 15 s.</summary>
    public TimeSpan RefsTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for the files of a commit, all requests of it together. Default 60 s.</summary>
    public TimeSpan FilesTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

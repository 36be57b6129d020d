namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>How long the Kubernetes API is waited for, how often it is asked again, and how much of an answer is read. All values are positive.</summary>
public sealed record KubeLimits
{
    /// <summary>All defaults.</summary>
    public static KubeLimits Default { get; } = new();

    /// <summary>Time of one try, connection and whole answer together; of a log that is followed up to its first byte. Default 10 s.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries of a get, a page of a list, a patch or a delete. A create has one. Default 4.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>The wait before the second try where the server names none; it doubles, and up to half of it is left to chance. Default 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait that a server may ask for (<c>Retry-After</c>); a longer one ends the call with its failure. Default 5 s.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Objects on a page of a list. Default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Objects of a whole list. Default 100,000.</summary>
    public int ListItems { get; init; } = 100_000;

    /// <summary>How often a list begins anew because it expired while it was read. Default 2.</summary>
    public int ListRestarts { get; init; } = 2;

    /// <summary>Bytes of one answer, after decompression; logs have a limit of their own. Default 32 MiB.</summary>
    public int AnswerBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Bytes that are read to find the tail of a log; what lies behind them is not seen. Default 16 MiB.</summary>
    public int LogBytes { get; init; } = 16 * 1024 * 1024;
}

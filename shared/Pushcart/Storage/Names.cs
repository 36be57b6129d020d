namespace Pushcart.Storage;

/// <summary>Short names of the tables.</summary>
public static class TableNames
{
    /// <summary>All that is alive, in one partition, so that what a decision touches is one transaction.</summary>
    public const string Live = "live";

    /// <summary>Finished jobs.</summary>
    public const string History = "history";

    /// <summary>Resources.</summary>
    public const string Resources = "resources";

    /// <summary>Recorded ticks and leases of timers.</summary>
    public const string Ticks = "ticks";

    /// <summary>Messages that could not be handled.</summary>
    public const string Dead = "dead";

    /// <summary>Tokens: the hashes of their values, never the values.</summary>
    public const string Tokens = "tokens";

    /// <summary>Registered workers, and hashes of their tokens.</summary>
    public const string Workers = "workers";

    /// <summary>What registered workers send of the output of their runs.</summary>
    public const string Logs = "logs";

    /// <summary>Every table.</summary>
    public static IReadOnlyList<string> All { get; } = [Live, History, Resources, Ticks, Dead, Tokens, Workers, Logs];
}

/// <summary>Short names of the queues.</summary>
public static class QueueNames
{
    /// <summary>Checks to make.</summary>
    public const string Checks = "checks";

    /// <summary>Jobs to claim.</summary>
    public const string Jobs = "jobs";

    /// <summary>What the host appends to a queue's name for messages that failed too often.</summary>
    public const string Poison = "-poison";

    /// <summary>Every queue.</summary>
    public static IReadOnlyList<string> All { get; } = [Checks, Jobs, Checks + Poison, Jobs + Poison];
}

namespace Pushcart.Workers.Wire;

/// <summary><c>POST api/workers</c>: adds a worker, or gives one that has not registered a new registration token.</summary>
/// <param name="Name">A label of a domain name, at most 63 characters.</param>
/// <param name="Labels">What actions may ask for, whatever the worker says of itself; null: the worker's own labels count.</param>
/// <param name="Replace">True: a registered one too is to register anew; its token and key are void then, and its jobs stay its own.</param>
public sealed record AddWorkerRequest(string Name, IReadOnlyDictionary<string, string>? Labels = null, bool Replace = false);

/// <summary>An added worker.</summary>
/// <param name="Name">Name.</param>
/// <param name="RegistrationToken">Good once, for this name; shown only here.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
public sealed record AddWorkerAnswer(string Name, string RegistrationToken, DateTimeOffset ExpiresAt);

/// <summary><c>GET api/workers</c>.</summary>
/// <param name="Workers">All of them, by name.</param>
public sealed record WorkerList(IReadOnlyList<WorkerView> Workers);

/// <summary>A worker as it is shown.</summary>
public sealed record WorkerView
{
    /// <summary><c>NAME</c> or <c>NAME/pod</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="WorkerStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>True where an admin has added it, and it has registered.</summary>
    public bool Registered { get; init; }

    /// <summary>Its version; null before it has registered or checked in, as what follows.</summary>
    public string? Version { get; init; }

    /// <summary>What runs jobs there.</summary>
    public string? Executor { get; init; }

    /// <summary>Where it runs them.</summary>
    public string? Cluster { get; init; }

    /// <summary>Which process.</summary>
    public string? Instance { get; init; }

    /// <summary>What actions may ask for.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>How many jobs it runs at once.</summary>
    public int? MaxParallelJobs { get; init; }

    /// <summary>How often it checks in.</summary>
    public TimeSpan? CheckInInterval { get; init; }

    /// <summary>Started jobs that are its own.</summary>
    public int Running { get; init; }

    /// <summary>Jobs that it has claimed and not started.</summary>
    public int Claimed { get; init; }

    /// <summary>When it checked in last.</summary>
    public DateTimeOffset? LastCheckIn { get; init; }

    /// <summary>When it registered.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>True where an admin drains it.</summary>
    public bool Drain { get; init; }

    /// <summary>What is wrong there, as it has said.</summary>
    public string? Error { get; init; }

    /// <summary>Namespaces of the service token that it last called with; null: all.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }
}

/// <summary>An error of the API.</summary>
/// <param name="Code">A code that programs may rely on.</param>
/// <param name="Message">For a person.</param>
/// <param name="Reason">With 409 of a worker's call: one of <see cref="ConflictReasons"/>.</param>
public sealed record ErrorAnswer(string Code, string Message, string? Reason = null);

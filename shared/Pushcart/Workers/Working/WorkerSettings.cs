using Pushcart.Jobs;

namespace Pushcart.Workers.Working;

/// <summary>What a worker is, and its times.</summary>
public sealed record WorkerSettings
{
    /// <summary>The most jobs that a worker may run at once.</summary>
    public const int MostParallelJobs = 100;

    /// <summary><c>NAME</c>, or, with a service token, also <c>NAME/pod</c>: labels of a domain name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Identity of where it runs jobs, at most 128 characters: who returns is known by name and cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>How many jobs it runs at once, 1 to 100. Default 5.</summary>
    public int MaxParallelJobs { get; init; } = 5;

    /// <summary>What actions may ask for. Default: nothing.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>How often it checks in. Default 1 min; shorter than the life of its token, which the server says.</summary>
    public TimeSpan CheckInInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The first wait after an answer that there is no job. Default 5 s; it doubles up to <see cref="QuietPace"/>.</summary>
    public TimeSpan BusyPace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two questions for a job. Default 60 s.</summary>
    public TimeSpan QuietPace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the server may hold a question for a job. Default 20 s.</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often it looks at its own runs, while it has some. Default 5 s.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time-out of a create. Default 10 s.</summary>
    public TimeSpan CreateTimeout { get; init; } = new JobSettings().CreateTimeout;

    /// <summary>How long after a start that somebody else sent, or whose answer was lost, a create may still come to be. Default 30 s: that of the server's own settings, or more.</summary>
    public TimeSpan StartAnew { get; init; } = new JobSettings().StartAnew;

    /// <summary>How long runs may go on once the worker is asked to end. Default 10 min; what still runs then is left to be adopted.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest wait after a failure of the link. Default 30 s: more than half of that is by chance.</summary>
    public TimeSpan LinkBackOff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it looks for runs that no job knows any more, and how long such a one has been there at least. Default 10 min, as the server does.</summary>
    public TimeSpan Orphans { get; init; } = new JobSettings().Orphans;

    /// <summary>True where it is one of several of a name, each with a pod of its own: it takes over the jobs of those that are silent.</summary>
    public bool IsReplica => Name.Contains('/', StringComparison.Ordinal);

    /// <summary>The name without the pod.</summary>
    public string SharedName => Name.Split('/')[0];
}

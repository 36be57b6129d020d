using Azure;
using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>A worker as it is stored: one row of the table <c>workers</c>. Of its tokens there are only hashes, and of its key the public part.</summary>
public sealed record WorkerRecord
{
    /// <summary>How the keys of workers begin.</summary>
    public const string Prefix = "worker|";

    /// <summary><c>NAME</c> or <c>NAME/pod</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When an admin added it; null of one that works by a service token.</summary>
    public DateTimeOffset? AddedAt { get; init; }

    /// <summary>Labels that the admin gave it; null: its own count.</summary>
    public string? GivenLabels { get; init; }

    /// <summary>Hash of its last registration token.</summary>
    public string? RegistrationHash { get; init; }

    /// <summary>When it registered with that token; null while it has not.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>Its key, SubjectPublicKeyInfo in base64.</summary>
    public string? PublicKey { get; init; }

    /// <summary>Hash of the newest of its tokens.</summary>
    public string? TokenHash { get; init; }

    /// <summary>When that one was accepted.</summary>
    public DateTimeOffset? TokenAt { get; init; }

    /// <summary>Which process has the name.</summary>
    public string? Instance { get; init; }

    /// <summary>What the process that checked in last has drawn for itself: a restart has the same instance, and another process.</summary>
    public string? Process { get; init; }

    /// <summary>Its version.</summary>
    public string? Version { get; init; }

    /// <summary>What runs jobs there.</summary>
    public string? Executor { get; init; }

    /// <summary>Where it runs them.</summary>
    public string? Cluster { get; init; }

    /// <summary>Labels that it says it has.</summary>
    public string? OwnLabels { get; init; }

    /// <summary>How many jobs it runs at once.</summary>
    public int? MaxParallelJobs { get; init; }

    /// <summary>How often it checks in.</summary>
    public TimeSpan? CheckInInterval { get; init; }

    /// <summary>How it says that it stands.</summary>
    public string? State { get; init; }

    /// <summary>What it says is wrong.</summary>
    public string? Error { get; init; }

    /// <summary>When it last gave a sign of life: registered, or checked in.</summary>
    public DateTimeOffset? LastCheckIn { get; init; }

    /// <summary>True where an admin drains it.</summary>
    public bool Drain { get; init; }

    /// <summary>Namespaces of the service token that it last checked in with; null: all.</summary>
    public string? Namespaces { get; init; }

    /// <summary>Version of the row that was seen.</summary>
    public ETag ETag { get; init; }

    /// <summary>Labels that actions may ask for.</summary>
    public IReadOnlyDictionary<string, string> Labels => WorkerLabels.Read(GivenLabels ?? OwnLabels);

    /// <summary>True where it may claim: it has registered, or is known by its service token.</summary>
    public bool IsKnown => LastCheckIn is not null && (AddedAt is null || RegisteredAt is not null);

    /// <summary>True while its process counts as alive.</summary>
    public bool IsLive(DateTimeOffset now) => LastCheckIn is { } last && CheckInInterval is { } interval && now <= last + (interval * WorkerSettings.MissedCheckIns);

    /// <summary>One of <see cref="WorkerStates"/>; that it is offline is told by the time alone.</summary>
    public string StateAt(DateTimeOffset now) =>
        !IsKnown ? WorkerStates.Unregistered : !IsLive(now) ? WorkerStates.Offline : Drain ? WorkerStates.Draining : State ?? WorkerStates.Idle;

    /// <summary>True where a pod of a shared name was not seen for so long that it goes.</summary>
    public bool HasGone(DateTimeOffset now) => AddedAt is null && Name.Contains('/', StringComparison.Ordinal) && LastCheckIn + WorkerSettings.PodsKept < now;

    /// <summary>Key of a worker's row: a key holds no slash, and no name a colon.</summary>
    public static string KeyOf(string name) => Prefix + name.Replace('/', ':');

    /// <summary>Reads a row.</summary>
    public static WorkerRecord Read(TableEntity row) => new()
    {
        Name = row.RowKey[Prefix.Length..].Replace(':', '/'),
        AddedAt = row.GetDateTimeOffset("addedAt"),
        GivenLabels = row.GetString("givenLabels"),
        RegistrationHash = row.GetString("registrationHash"),
        RegisteredAt = row.GetDateTimeOffset("registeredAt"),
        PublicKey = row.GetString("publicKey"),
        TokenHash = row.GetString("tokenHash"),
        TokenAt = row.GetDateTimeOffset("tokenAt"),
        Instance = row.GetString("instance"),
        Process = row.GetString("process"),
        Version = row.GetString("version"),
        Executor = row.GetString("executor"),
        Cluster = row.GetString("cluster"),
        OwnLabels = row.GetString("ownLabels"),
        MaxParallelJobs = row.GetInt32("maxParallelJobs"),
        CheckInInterval = row.GetInt64("checkInMilliseconds") is { } interval ? TimeSpan.FromMilliseconds(interval) : null,
        State = row.GetString("state"),
        Error = row.GetString("error"),
        LastCheckIn = row.GetDateTimeOffset("lastCheckIn"),
        Drain = row.GetBoolean("drain") == true,
        Namespaces = row.GetString("namespaces"),
        ETag = row.ETag,
    };

    /// <summary>The change that writes it: an insert where it was never seen, else a replacement of what was.</summary>
    public Change Write()
    {
        var row = Rows.New(WorkerTokens.Partition, KeyOf(Name));
        row.SetKnown(
            ("addedAt", AddedAt),
            ("givenLabels", GivenLabels),
            ("registrationHash", RegistrationHash),
            ("registeredAt", RegisteredAt),
            ("publicKey", PublicKey),
            ("tokenHash", TokenHash),
            ("tokenAt", TokenAt),
            ("instance", Instance),
            ("process", Process),
            ("version", Version),
            ("executor", Executor),
            ("cluster", Cluster),
            ("ownLabels", OwnLabels),
            ("maxParallelJobs", MaxParallelJobs),
            ("checkInMilliseconds", (long?)CheckInInterval?.TotalMilliseconds),
            ("state", State),
            ("error", Error),
            ("lastCheckIn", LastCheckIn),
            ("drain", Drain),
            ("namespaces", Namespaces));
        return ETag == default ? Change.Insert(row) : Change.Replace(row, ETag);
    }

    /// <summary>With what a process says of itself, by which it has the name from now on.</summary>
    public WorkerRecord With(string instance, WorkerAbout about, DateTimeOffset now) => this with
    {
        Instance = instance,
        Version = about.Version,
        Executor = about.Executor,
        Cluster = about.Cluster,
        OwnLabels = WorkerLabels.Write(about.Labels),
        MaxParallelJobs = about.MaxParallelJobs,
        CheckInInterval = about.CheckInInterval,
        LastCheckIn = now,
    };
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pushcart.Execution.Process;

/// <summary><c>spec.json</c>: whose directory it is, and how long things may take. Written by who claims it; never a secret, nor what the work is given.</summary>
/// <param name="Uid">Drawn for every claim of the directory.</param>
/// <param name="Namespace">Namespace of the trigger.</param>
/// <param name="Name">Name of the run, and of the directory.</param>
/// <param name="JobId">Id of the job.</param>
/// <param name="Run">Number of the run.</param>
/// <param name="Installation">Id of the installation.</param>
/// <param name="ClaimKey">Key of the claim that may start it.</param>
/// <param name="CreatedAt">When it was claimed.</param>
/// <param name="CreateBefore">When it may not start any more.</param>
/// <param name="Deadline">From its start to its end.</param>
/// <param name="Ttl">How long it is kept after its end, unless <c>ttl</c> says otherwise.</param>
internal sealed record RunIdentity(
    string Uid, string Namespace, string Name, string JobId, int Run, string Installation, string ClaimKey,
    DateTimeOffset CreatedAt, DateTimeOffset CreateBefore, TimeSpan Deadline, TimeSpan Ttl)
{
    /// <summary>The run that it is of.</summary>
    [JsonIgnore]
    public RunKey Key => new(Namespace, Name, JobId, Run);
}

/// <summary><c>started</c>: from here on the run counts. Written by its process, under the lock.</summary>
/// <param name="Pid">The run's process, which leads a session of its own.</param>
/// <param name="Group">Process group of what it runs at the moment: git, then the work; 0 before the first.</param>
/// <param name="At">When.</param>
internal sealed record RunStart(int Pid, int Group, DateTimeOffset At);

/// <summary><c>exit</c>: how it ended. Written once nothing that it started is alive any more, as far as that can be told.</summary>
/// <param name="Code">Exit code of the work, 128 + n where signal n ended it; null where it did not end by itself.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="Reason">Null: success.</param>
/// <param name="Message">A sentence about the reason.</param>
/// <param name="EndedAt">When.</param>
internal sealed record RunEnd(int? Code, int? Signal, string? Reason, string? Message, DateTimeOffset EndedAt)
{
    /// <summary>The reason of a run that was stopped because it was deleted.</summary>
    public const string Deleted = "Deleted";
}

/// <summary><c>delete</c>: the run as it was seen shall go. It counts only while that is still true.</summary>
/// <param name="Uid">Uid that was seen.</param>
/// <param name="Version">Version that was seen.</param>
/// <param name="At">When.</param>
internal sealed record RunDeletion(string Uid, string Version, DateTimeOffset At);

/// <summary>
/// What the run's process is told on its standard input, and nowhere else: it holds the credentials of the clone, and what the work is given.
/// </summary>
internal sealed class RunOrder
{
    public required string Uid { get; init; }

    public required string ClaimKey { get; init; }

    public required DateTimeOffset StartBefore { get; init; }

    public required TimeSpan Deadline { get; init; }

    public required TimeSpan StopGrace { get; init; }

    public required long OutputLimit { get; init; }

    public required string RepoUri { get; init; }

    public string? Authorization { get; init; }

    public string? CaCertificates { get; init; }

    public bool NoVerifySsl { get; init; }

    public string? PrivateKey { get; init; }

    public string? KnownHosts { get; init; }

    public required string Commit { get; init; }

    public string? Reference { get; init; }

    public int Depth { get; init; }

    public bool Submodules { get; init; }

    public bool PreserveGitFolder { get; init; }

    public bool Debug { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string WorkdirVariable { get; init; }

    /// <summary>
    /// Reads it by hand, in one go, with plain loops: a run's process is new and compiles whatever it uses, and the serializer's first use would double
    /// the time of its start.
    /// </summary>
    /// <exception cref="JsonException">It is cut off, or no order.</exception>
    public static RunOrder Read(ReadOnlyMemory<byte> input)
    {
        using var document = JsonDocument.Parse(input);
        var order = document.RootElement;
        List<string> command = [];
        foreach (var word in Of(nameof(Command))!.Value.EnumerateArray())
        {
            command.Add(word.GetString()!);
        }

        Dictionary<string, string> environment = [];
        foreach (var variable in Of(nameof(Environment))!.Value.EnumerateObject())
        {
            environment[variable.Name] = variable.Value.GetString()!;
        }

        return new RunOrder
        {
            Uid = Text(nameof(Uid))!,
            ClaimKey = Text(nameof(ClaimKey))!,
            StartBefore = Of(nameof(StartBefore))!.Value.GetDateTimeOffset(),
            Deadline = TimeSpan.Parse(Text(nameof(Deadline))!, CultureInfo.InvariantCulture),
            StopGrace = TimeSpan.Parse(Text(nameof(StopGrace))!, CultureInfo.InvariantCulture),
            OutputLimit = Of(nameof(OutputLimit))!.Value.GetInt64(),
            RepoUri = Text(nameof(RepoUri))!,
            Authorization = Text(nameof(Authorization)),
            CaCertificates = Text(nameof(CaCertificates)),
            NoVerifySsl = Of(nameof(NoVerifySsl))?.GetBoolean() ?? false,
            PrivateKey = Text(nameof(PrivateKey)),
            KnownHosts = Text(nameof(KnownHosts)),
            Commit = Text(nameof(Commit))!,
            Reference = Text(nameof(Reference)),
            Depth = Of(nameof(Depth))?.GetInt32() ?? 0,
            Submodules = Of(nameof(Submodules))?.GetBoolean() ?? false,
            PreserveGitFolder = Of(nameof(PreserveGitFolder))?.GetBoolean() ?? false,
            Debug = Of(nameof(Debug))?.GetBoolean() ?? false,
            Command = command,
            Environment = environment,
            WorkdirVariable = Text(nameof(WorkdirVariable))!,
        };

        JsonElement? Of(string name) => order.TryGetProperty(JsonNamingPolicy.CamelCase.ConvertName(name), out var value) ? value : null;
        string? Text(string name) => Of(name)?.GetString();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunIdentity))]
[JsonSerializable(typeof(RunStart))]
[JsonSerializable(typeof(RunEnd))]
[JsonSerializable(typeof(RunDeletion))]
[JsonSerializable(typeof(RunOrder))]
internal sealed partial class RunJson : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text;
using Pushcart.Jobs.Views;
using Pushcart.Resources.Manifests;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>What the fields of calls may hold. Each rule answers what is wrong, or null; all limits on what workers send stand here.</summary>
internal static class WireRules
{
    public const int MostSlots = 100;

    private const int LongestPodName = 253;
    private const int MostLabels = 32;
    private const int MostRunning = 200;
    private const int LongestText = 128;
    private const int LongestError = 1_000;
    private const int LongestMessage = 2_000;
    private const int LongestProgress = 200;
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromHours(1);

    public static Refusal? Name(string name) => NameRules.Label(name) is { } wrong ? WireBody.Wrong("name", wrong) : null;

    public static Refusal? Worker(string worker)
    {
        var slash = worker.IndexOf('/', StringComparison.Ordinal);
        var (name, pod) = slash < 0 ? (worker, null) : (worker[..slash], worker[(slash + 1)..]);
        return NameRules.Label(name) is { } wrong ? WireBody.Wrong("worker", wrong)
            : pod is not null && (pod.Length > LongestPodName || NameRules.Subdomain(pod) is not null) ? WireBody.Wrong("worker", $"{Wording.Quote(pod)} is no name of a pod; it is NAME or NAME/pod")
            : null;
    }

    public static Refusal? Instance(string instance) => Drawn("instance", instance);

    public static Refusal? Key(string key) => Drawn("key", key);

    public static Refusal? Hash(string field, string hash) => hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
        ? null
        : WireBody.Wrong(field, "it is no SHA-256: 64 hexadecimal digits in lower case");

    public static Refusal? Labels(IReadOnlyDictionary<string, string>? labels) => labels is null ? null
        : labels.Count > MostLabels ? WireBody.Wrong("labels", $"there are {labels.Count}; at most {MostLabels} are taken")
        : labels.Select(label => NameRules.QualifiedName(label.Key) is { } key ? $"{Wording.Quote(label.Key)} {key}" : NameRules.LabelValue(label.Value)).FirstOrDefault(wrong => wrong is not null) is { } fault
            ? WireBody.Wrong("labels", fault)
            : null;

    public static Refusal? Slots(int slots) => slots is >= 1 and <= MostSlots ? null : WireBody.Wrong("maxParallelJobs", $"{slots} is not from 1 to {MostSlots}");

    public static Refusal? Cluster(string cluster) => Text("cluster", cluster, LongestText, required: true);

    public static Refusal? Executor(string executor) => Text("executor", executor, LongestText, required: true);

    public static Refusal? About(WorkerAbout about) =>
        Text("about.version", about.Version, LongestText, required: true)
        ?? Executor(about.Executor)
        ?? Cluster(about.Cluster)
        ?? Slots(about.MaxParallelJobs)
        ?? Labels(about.Labels)
        ?? (about.CheckInInterval >= s_shortestInterval && about.CheckInInterval <= s_longestInterval
            ? null
            : WireBody.Wrong("about.checkInInterval", $"{about.CheckInInterval} is not from {s_shortestInterval} to {s_longestInterval}"));

    /// <summary>Of a worker whose token is renewed at check-ins: they must come before it ends.</summary>
    public static Refusal? Interval(TimeSpan interval, TimeSpan tokenLife) => interval < tokenLife
        ? null
        : WireBody.Wrong("about.checkInInterval", $"{interval} is not shorter than the life of a worker token, {tokenLife} (Workers:TokenLife of the server): the token would end between two check-ins");

    public static Refusal? PublicKey(string key)
    {
        var bytes = new byte[256];
        if (key.Length > 300 || !Convert.TryFromBase64String(key, bytes, out var length))
        {
            return WireBody.Wrong("publicKey", "it is no base64 of a key");
        }

        try
        {
            using var read = ECDsa.Create();
            read.ImportSubjectPublicKeyInfo(bytes.AsSpan(0, length), out var taken);
            return taken == length && read.KeySize == 256 ? null : WireBody.Wrong("publicKey", "it is no key of the curve P-256");
        }
        catch (CryptographicException)
        {
            return WireBody.Wrong("publicKey", "it is no SubjectPublicKeyInfo of an ECDSA key");
        }
    }

    public static Refusal? CheckIn(CheckInRequest request) =>
        Worker(request.Worker) ?? Instance(request.Instance) ?? About(request.About)
        ?? (WorkerStates.Said.Contains(request.State) ? null : WireBody.Wrong("state", $"{Wording.Quote(request.State)} is none of {string.Join(", ", WorkerStates.Said)}"))
        ?? Text("error", request.Error, LongestError)
        ?? (request.NextTokenHash is null ? null : Hash("nextTokenHash", request.NextTokenHash))
        ?? (request.Process is null ? null : Drawn("process", request.Process))
        ?? (request.Running.Count <= MostRunning ? null : WireBody.Wrong("running", $"there are {request.Running.Count}; at most {MostRunning} are taken"));

    public static Refusal? Claim(ClaimRequest request) =>
        Worker(request.Worker) ?? Instance(request.Instance) ?? Cluster(request.Cluster) ?? Executor(request.Executor) ?? Key(request.Key) ?? Slots(request.MaxParallelJobs) ?? Labels(request.Labels)
        ?? (request.Return is null || request.Return.Count <= MostSlots ? null : WireBody.Wrong("return", $"there are {request.Return.Count}; at most {MostSlots} are taken"))
        ?? (request.Wait is null || request.Wait >= TimeSpan.Zero ? null : WireBody.Wrong("wait", "it is less than nothing"));

    public static Refusal? Progress(string? progress) => Text("progress", progress, LongestProgress);

    public static Refusal? Report(ReportRequest request) =>
        Worker(request.Worker)
        ?? (ReportWords.All.Contains(request.What) ? null : WireBody.Wrong("what", $"{Wording.Quote(request.What)} is none of {string.Join(", ", ReportWords.All)}"))
        ?? (request.Message?.Length > LongestMessage ? WireBody.Wrong("message", $"it has {request.Message.Length} characters; at most {LongestMessage} are taken") : null)
        ?? (request.Reason?.Length > LongestError ? WireBody.Wrong("reason", $"it has {request.Reason.Length} characters; at most {LongestError} are taken") : null)
        ?? Text("runUid", request.RunUid, LongestText)
        ?? (request.Pods is >= 0 and <= 1_000 ? null : WireBody.Wrong("pods", $"{request.Pods} is not from 0 to 1000"))
        ?? (request.LogTail is null ? null : Piece("logTail", request.LogTail));

    public static Refusal? Chunk(LogChunk chunk) =>
        Worker(chunk.Worker)
        ?? (chunk.Run is >= 1 and <= 9_999 ? null : WireBody.Wrong("run", $"{chunk.Run} is no run"))
        ?? (chunk.Number >= 0 ? null : WireBody.Wrong("number", $"{chunk.Number} is no number of a piece; they begin with 0"))
        ?? Piece("text", chunk.Text);

    private static Refusal? Piece(string field, string text) => Encoding.UTF8.GetByteCount(text) is var bytes && bytes <= RunOutput.PieceBytes
        ? null
        : WireBody.Wrong(field, $"it has {bytes} bytes; at most {RunOutput.PieceBytes} are taken");

    private static Refusal? Drawn(string field, string value) => value.Length is >= 8 and <= 64 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        ? null
        : WireBody.Wrong(field, "it is 8 to 64 letters, digits and dashes, drawn by chance");

    private static Refusal? Text(string field, string? text, int longest, bool required = false) =>
        required && string.IsNullOrWhiteSpace(text) ? WireBody.Wrong(field, "it is blank")
        : text is null ? null
        : text.Length > longest || text.Any(char.IsControl) ? WireBody.Wrong(field, $"it has {text.Length} characters; it may have {longest}, on one line")
        : null;
}

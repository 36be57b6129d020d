using System.Globalization;
using System.Text.Json.Nodes;

using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>
/// A small client of the Kubernetes API. Objects are JSON as the API has it. Every call ends in time, with a value or a failure; only the caller's own
/// cancellation is an exception. Gets, lists, patches and deletes are repeated on 429, 5xx and cut-off answers; a create is sent once, whatever happens.
/// One instance serves a whole process.
/// </summary>
public sealed class KubeClient : IDisposable
{
    private readonly KubeLimits _limits;
    private readonly KubeTransport _transport;
    private readonly KubeRequests _requests;
    private readonly KubeLists _lists;
    private readonly KubeLogs _logs;

    /// <summary>A client.</summary>
    /// <param name="connection">The cluster, and who asks. It is not disposed.</param>
    /// <param name="time">What time-outs and waits are measured by.</param>
    /// <param name="chance">Jitter of waits.</param>
    /// <param name="limits">How long, how often and how much; null: the defaults.</param>
    /// <param name="sender">What sends requests, for tests and simulations; it must follow no redirect, and is not disposed. Null: connections of the client's own.</param>
    public KubeClient(KubeConnection connection, TimeProvider time, Chance chance, KubeLimits? limits = null, HttpMessageHandler? sender = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Connection = connection;
        _limits = limits ?? KubeLimits.Default;
        _transport = new KubeTransport(connection, sender);
        _requests = new KubeRequests(connection, _transport, _limits, time, chance);
        _lists = new KubeLists(_requests, _limits);
        _logs = new KubeLogs(_requests, _limits);
    }

    /// <summary>The cluster, and who asks.</summary>
    public KubeConnection Connection { get; }

    /// <summary>
    /// Creates an object, and is never repeated. The answer is the object as it was stored.
    /// <see cref="KubeFailureKind.Conflict"/> with the reason <c>AlreadyExists</c>: the name is taken.
    /// Where <see cref="KubeFailure.MayHaveHappened"/> is false it was surely not created.
    /// </summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace; null for a kind without.</param>
    /// <param name="content">The object.</param>
    /// <param name="sendBefore">Nothing is sent from then on, however long the connection took; null: no such limit.</param>
    /// <param name="cancellation">Ends the call by an exception; nobody knows then whether it was created.</param>
    public Task<KubeAnswer<JsonObject>> CreateAsync(
        KubeResource resource, string? ns, JsonObject content, DateTimeOffset? sendBefore, CancellationToken cancellation) =>
        _requests.ObjectAsync(
            new KubeRequest(HttpMethod.Post, resource.Path(ns), $"create {Name(resource, ns, content["metadata"]?["name"]?.GetValue<string>())}")
            {
                // The server gives up at about the time that this side does, and does not create later.
                Query = [("timeout", Seconds(_limits.TryTimeout))],
                Content = content,
                Once = true,
                SendBefore = sendBefore,
            },
            cancellation);

    /// <summary>Reads one object, as it is now: never an answer of a cache.</summary>
    public Task<KubeAnswer<JsonObject>> GetAsync(KubeResource resource, string? ns, string name, CancellationToken cancellation) =>
        _requests.ObjectAsync(new KubeRequest(HttpMethod.Get, resource.Path(ns, name), $"get {Name(resource, ns, name)}"), cancellation);

    /// <summary>
    /// Lists objects to the last page, as they were at one moment; a list that expires meanwhile begins anew. A list that is not whole is a failure.
    /// </summary>
    /// <param name="resource">Their kind.</param>
    /// <param name="ns">Their namespace; null: of all namespaces, or of a kind without.</param>
    /// <param name="labelSelector">As in <c>a=b,c in (d,e)</c>; null: all.</param>
    /// <param name="fieldSelector">As in <c>metadata.name=x</c>; null: all.</param>
    /// <param name="cancellation">Ends the call, by an exception.</param>
    public Task<KubeAnswer<KubeList>> ListAsync(
        KubeResource resource, string? ns, string? labelSelector, string? fieldSelector, CancellationToken cancellation) =>
        _lists.ReadAsync(resource, ns, labelSelector, fieldSelector, cancellation);

    /// <summary>
    /// Deletes an object. <see cref="KubeFailureKind.Conflict"/>: a precondition does not hold (also where an earlier try of this call was carried out
    /// and its answer lost: the object has a new version then, and is being deleted). The answer is the object, if it is still there, or a status.
    /// </summary>
    public Task<KubeAnswer<JsonObject>> DeleteAsync(KubeResource resource, string? ns, string name, KubeDelete how, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(how);
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = how.Propagation.ToString() };
        var preconditions = new JsonObject();
        if (how.Uid is not null)
        {
            preconditions["uid"] = how.Uid;
        }

        if (how.ResourceVersion is not null)
        {
            preconditions["resourceVersion"] = how.ResourceVersion;
        }

        if (preconditions.Count > 0)
        {
            options["preconditions"] = preconditions;
        }

        return _requests.ObjectAsync(
            new KubeRequest(HttpMethod.Delete, resource.Path(ns, name), $"delete {Name(resource, ns, name)}") { Content = options }, cancellation);
    }

    /// <summary>Changes an object by a JSON merge patch (RFC 7386), which must do no harm when it is applied twice. The answer is the object as it is then.</summary>
    public Task<KubeAnswer<JsonObject>> PatchAsync(KubeResource resource, string? ns, string name, JsonObject patch, CancellationToken cancellation) =>
        _requests.ObjectAsync(
            new KubeRequest(HttpMethod.Patch, resource.Path(ns, name), $"patch {Name(resource, ns, name)}")
            {
                Content = patch,
                MediaType = "application/merge-patch+json",
            },
            cancellation);

    /// <summary>
    /// The last <paramref name="bytes"/> bytes of the last <paramref name="lines"/> lines of a log, as UTF-8; not cut within a character.
    /// A container that has not started is <see cref="KubeFailureKind.Invalid"/>, a log that nobody keeps any more <see cref="KubeFailureKind.NotFound"/>.
    /// </summary>
    public Task<KubeAnswer<string>> ReadLogTailAsync(KubeLog log, int lines, int bytes, CancellationToken cancellation) =>
        _logs.TailAsync(log, lines, bytes, cancellation);

    /// <summary>
    /// A log from its beginning, or its last lines, which goes on until the container ends or the stream is disposed. Reading it throws an
    /// <see cref="IOException"/> where it is cut off.
    /// </summary>
    /// <param name="log">Which one.</param>
    /// <param name="follow">True: goes on while the container runs; false: what is there now.</param>
    /// <param name="lines">How many of the last lines; null: all.</param>
    /// <param name="limitBytes">How many bytes at most, from the first one; null: all.</param>
    /// <param name="cancellation">Ends the call, by an exception, and the stream.</param>
    public Task<KubeAnswer<Stream>> OpenLogAsync(KubeLog log, bool follow, int? lines, long? limitBytes, CancellationToken cancellation) =>
        _logs.OpenAsync(log, follow, lines, limitBytes, cancellation);

    /// <summary>The events about one object, in no order.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="kind">Its kind: <c>Job</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">Only of this object, not of an earlier one of the name; null: of any.</param>
    /// <param name="cancellation">Ends the call, by an exception.</param>
    public Task<KubeAnswer<KubeList>> ListEventsAsync(string ns, string kind, string name, string? uid, CancellationToken cancellation) =>
        _lists.ReadAsync(
            KubeResource.Events,
            ns,
            labelSelector: null,
            $"involvedObject.kind={kind},involvedObject.name={name}" + (uid is null ? "" : $",involvedObject.uid={uid}"),
            cancellation);

    /// <summary>The version of the server.</summary>
    public async Task<KubeAnswer<KubeVersion>> GetVersionAsync(CancellationToken cancellation)
    {
        var request = new KubeRequest(HttpMethod.Get, "version", "read the version");
        var answer = await _requests.JsonAsync(request, cancellation).ConfigureAwait(false);
        return answer switch
        {
            { Failure: { } failure } => failure,
            { Value: { } version } when Number(version["major"]) is { } major && Number(version["minor"]) is { } minor =>
                new KubeVersion(major, minor, KubeJson.Text(version["gitVersion"]) ?? $"v{major}.{minor}"),
            _ => _requests.NotKubernetes(request),
        };
    }

    /// <summary>Closes all connections, also those of logs that are being followed.</summary>
    public void Dispose() => _transport.Dispose();

    private static string Name(KubeResource resource, string? ns, string? name) =>
        $"{resource.Plural} {Wording.Quote(name ?? "")}" + (ns is null ? "" : $" in namespace {Wording.Quote(ns)}");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (int)Math.Ceiling(time.TotalSeconds))}s");

    private static int? Number(JsonNode? node)
    {
        var digits = string.Concat((KubeJson.Text(node) ?? "").TakeWhile(char.IsAsciiDigit));
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

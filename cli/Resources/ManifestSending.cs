using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli.Resources;

/// <summary>
/// Has the server apply manifests: in one request, which is all or nothing, while one transaction takes what changes; else in several, in the order in which they are written, what is
/// referred to first, so that nothing names what is not there yet.
/// </summary>
/// <param name="session">The server.</param>
/// <param name="dryRun">True where nothing is to be written.</param>
internal sealed class ManifestSending(Session session, bool dryRun)
{
    /// <summary>Documents of one request of several: what one transaction takes if all of them change.</summary>
    public const int MostDocuments = 99;

    // Below what a transaction takes, for rows hold more than manifests say.
    private const int MostBytes = 2 * 1024 * 1024;

    private static readonly string[] s_tooMuch = [RefusalCodes.TooManyChanges.Name, RefusalCodes.ChangesTooLarge.Name, RefusalCodes.BodyTooLarge.Name];
    private static readonly string[] s_lists = ["created", "changed", "unchanged", "notes"];

    /// <summary>Sends them.</summary>
    /// <param name="manifests">The manifests; each name once.</param>
    /// <param name="cancellation">Ends the sending; the last request may have been applied.</param>
    /// <returns>What was done, as one answer of the API.</returns>
    /// <exception cref="CommandException">The server refuses them. Where some are applied the message says which.</exception>
    public async Task<JsonNode> SendAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellation)
    {
        var documents = manifests.OrderBy(m => ManifestWriter.Order(m.Name.Kind)).Select(m => ManifestWriter.Write([new Resource(m.Name, "", 0, default, m.Json, m.Spec, null)])).ToList();
        var whole = documents.Count <= ManifestLimits.Documents && documents.Sum(Encoding.UTF8.GetByteCount) <= ManifestLimits.RequestBytes
            ? await AskAsync(documents, cancellation)
            : null;
        if (whole is { IsOk: true })
        {
            return whole.Body!;
        }

        return whole is null || s_tooMuch.Contains(whole.Code) ? await SendInPartsAsync(documents, cancellation) : throw whole.Refusal(session.Api.Server);
    }

    /// <summary>The parts of which each is sent at once.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> Parts(IEnumerable<string> documents)
    {
        var parts = new List<List<string>>();
        var bytes = 0;
        foreach (var document in documents)
        {
            var size = Encoding.UTF8.GetByteCount(document);
            if (parts.Count == 0 || parts[^1].Count == MostDocuments || bytes + size > MostBytes)
            {
                parts.Add([]);
                bytes = 0;
            }

            parts[^1].Add(document);
            bytes += size;
        }

        return parts;
    }

    private async Task<JsonNode> SendInPartsAsync(List<string> documents, CancellationToken cancellation)
    {
        var parts = Parts(documents);
        var all = new JsonObject { ["dryRun"] = dryRun };
        foreach (var list in s_lists)
        {
            all[list] = new JsonArray();
        }

        session.Notices.Hint($"{documents.Count} resources are more than one transaction takes; they are sent in {parts.Count} requests, what is referred to first");
        for (var (at, done) = (0, 0); at < parts.Count; done += parts[at++].Count)
        {
            session.Notices.Progress($"{done} of {documents.Count} resources");
            try
            {
                var answer = await AskAsync(parts[at], cancellation);
                Add(all, answer.IsOk ? answer.Body! : throw answer.Refusal(session.Api.Server));
            }
            catch (CommandException e) when (!dryRun)
            {
                throw new CommandException(e.Code, $"{HowFar(at, parts.Count, done, documents.Count, e.Code)}: {e.Message}");
            }
            catch (OperationCanceledException) when (!dryRun)
            {
                session.Notices.Hint(HowFar(at, parts.Count, done, documents.Count, ExitCode.Unreachable));
                throw;
            }
        }

        session.Notices.Clear();
        return all;
    }

    private static string HowFar(int requests, int ofRequests, int done, int of, int code) => string.Create(
        CultureInfo.InvariantCulture,
        $"{done} of {of} resources are applied ({requests} of {ofRequests} requests), and {(code == ExitCode.Unreachable ? $"what became of request {requests + 1} is not known" : $"request {requests + 1} was refused whole")}; what is applied stays, and the same command goes on from there");

    private static void Add(JsonObject all, JsonNode answer)
    {
        foreach (var list in s_lists)
        {
            foreach (var item in answer[list] as JsonArray ?? [])
            {
                all[list]!.AsArray().Add(item!.DeepClone());
            }
        }
    }

    private Task<ApiAnswer> AskAsync(IReadOnlyList<string> documents, CancellationToken cancellation) =>
        session.Api.SendAsync(HttpMethod.Post, dryRun ? "api/apply?dryRun=true" : "api/apply", cancellation, string.Concat(documents), "application/yaml");
}

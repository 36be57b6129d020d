namespace Pushcart.Git.Protocol;

/// <summary>
/// What a server tells of itself at <c>info/refs</c>: with version 2 its capabilities, with version 0 or 1 its references as well.
/// </summary>
/// <param name="Version">2, or 0 for both older ones.</param>
/// <param name="Capabilities">Name → value (<c>fetch</c> → <c>shallow filter</c>), empty where it has none.</param>
/// <param name="Commits">Of version 0 and 1: full name → commit, tags peeled. Empty: the repository has none.</param>
/// <param name="Tags">Of version 0 and 1: commit → an annotated tag of it, by which alone some servers give the commit.</param>
internal sealed record Advertisement(
    int Version, IReadOnlyDictionary<string, string> Capabilities, IReadOnlyDictionary<string, string> Commits, IReadOnlyDictionary<string, string> Tags)
{
    private const string Peeled = "^{}";

    /// <summary>The object format; sha1 where it is not told.</summary>
    public string ObjectFormat => Capabilities.GetValueOrDefault("object-format") ?? ObjectIds.Sha1;

    /// <summary>True where <c>fetch</c> has a feature.</summary>
    public bool CanFetch(string feature) => (Capabilities.GetValueOrDefault("fetch") ?? "").Split(' ').Contains(feature, StringComparer.Ordinal);

    /// <summary>
    /// What an older server is asked for to have a commit: the commit, or where only a tag of it is advertised, the tag. A server gives what it has advertised,
    /// and often nothing else.
    /// </summary>
    public string Wanted(string commit) =>
        Tags.TryGetValue(commit, out var tag) && !Commits.Any(pair => pair.Value == commit && !pair.Key.StartsWith("refs/tags/", StringComparison.Ordinal)) ? tag : commit;

    /// <summary>Reads an advertisement.</summary>
    public static async Task<Advertisement> ReadAsync(PktLineReader lines, int limit, CancellationToken cancellation)
    {
        var line = await lines.ReadAsync(cancellation);
        if (line.Kind == PktKind.Data && line.Text.StartsWith("# service=", StringComparison.Ordinal))
        {
            await lines.ReadAsync(cancellation);
            line = await lines.ReadAsync(cancellation);
        }

        if (line.Kind == PktKind.End)
        {
            throw GitException.CutOff();
        }

        if (line.Kind == PktKind.Data && line.Text == "version 2")
        {
            return await ReadCapabilitiesAsync(lines, limit, cancellation);
        }

        if (line.Kind == PktKind.Data && line.Text == "version 1")
        {
            line = await lines.ReadAsync(cancellation);
        }

        return await ReadReferencesAsync(lines, line, limit, cancellation);
    }

    private static async Task<Advertisement> ReadCapabilitiesAsync(PktLineReader lines, int limit, CancellationToken cancellation)
    {
        var capabilities = new List<string>();
        for (var line = await NextAsync(lines, cancellation); line.Kind == PktKind.Data; line = await NextAsync(lines, cancellation))
        {
            capabilities.Add(capabilities.Count < limit ? line.Text : throw TooMany(limit));
        }

        return new Advertisement(2, ByName(capabilities), new Dictionary<string, string>(), new Dictionary<string, string>());
    }

    private static async Task<Advertisement> ReadReferencesAsync(PktLineReader lines, PktLine line, int limit, CancellationToken cancellation)
    {
        var capabilities = new Dictionary<string, string>();
        var commits = new Dictionary<string, string>(StringComparer.Ordinal);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var first = true; line.Kind == PktKind.Data; first = false, line = await NextAsync(lines, cancellation))
        {
            var text = line.Text;
            if (first && text.IndexOf('\0', StringComparison.Ordinal) is var end and >= 0)
            {
                capabilities = ByName(text[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
                text = text[..end];
            }

            if (text.StartsWith("shallow ", StringComparison.Ordinal))
            {
                continue;
            }

            var format = capabilities.GetValueOrDefault("object-format") ?? ObjectIds.Sha1;
            var (id, name) = text.Split(' ') is [var i, var n] ? (ObjectIds.Checked(i, format), n) : throw GitException.Malformed("a line names no reference");

            // An empty repository may have one line, with no name, to carry the capabilities. A peeled tag follows the tag.
            if (name.EndsWith(Peeled, StringComparison.Ordinal) && commits.TryGetValue(name[..^Peeled.Length], out var tag))
            {
                tags[id] = tag;
                commits[name[..^Peeled.Length]] = id;
            }
            else if (name != "capabilities" + Peeled)
            {
                commits[name] = id;
            }

            if (commits.Count > limit)
            {
                throw TooMany(limit);
            }
        }

        return new Advertisement(0, capabilities, commits, tags);
    }

    private static async Task<PktLine> NextAsync(PktLineReader lines, CancellationToken cancellation) =>
        await lines.ReadAsync(cancellation) is { Kind: not PktKind.End } line ? line : throw GitException.CutOff();

    private static GitException TooMany(int limit) => GitException.TooLarge($"the answer has more than {limit:N0} references");

    private static Dictionary<string, string> ByName(IEnumerable<string> capabilities)
    {
        var byName = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var capability in capabilities)
        {
            var parts = capability.Split('=', 2);
            byName[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        return byName;
    }
}

namespace Pushcart.Git.Protocol;

/// <summary>The <c>ls-refs</c> command of protocol version 2.</summary>
internal static class LsRefs
{
    /// <summary>Asks for these full names, tags peeled; for everything where there are none.</summary>
    public static byte[] Request(IEnumerable<string> fullNames, string objectFormat)
    {
        var request = new PktLineWriter().Line("command=ls-refs");
        if (objectFormat != ObjectIds.Sha1)
        {
            request.Line("object-format=" + objectFormat);
        }

        request.Delimiter().Line("peel");
        foreach (var name in fullNames)
        {
            request.Line("ref-prefix " + name);
        }

        return request.Flush();
    }

    /// <summary>Reads the answer: full name → commit, of the wanted names only, for a prefix also matches longer names.</summary>
    public static async Task<Dictionary<string, string>> ReadAsync(
        PktLineReader lines, IReadOnlySet<string> wanted, string objectFormat, int limit, CancellationToken cancellation)
    {
        var commits = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = 0;
        for (var line = await FirstAsync(lines, cancellation); line.Kind != PktKind.Flush; line = await lines.ReadAsync(cancellation))
        {
            if (++count > limit)
            {
                throw GitException.TooLarge($"the answer has more than {limit:N0} references");
            }

            var words = Words(line);
            if (words[0] != "unborn" && wanted.Contains(words[1]))
            {
                var peeled = words.Skip(2).FirstOrDefault(word => word.StartsWith("peeled:", StringComparison.Ordinal));
                commits[words[1]] = ObjectIds.Checked(peeled?["peeled:".Length..] ?? words[0], objectFormat);
            }
        }

        return commits;
    }

    /// <summary>True where the answer has at least one reference. Reads no further than that one.</summary>
    public static async Task<bool> HasAnyAsync(PktLineReader lines, CancellationToken cancellation)
    {
        var line = await FirstAsync(lines, cancellation);
        return line.Kind != PktKind.Flush && Words(line)[0] != "unborn";
    }

    private static async Task<PktLine> FirstAsync(PktLineReader lines, CancellationToken cancellation)
    {
        var line = await lines.ReadAsync(cancellation);

        // A server that does not know version 2, or has another object format, dies of the request: 200 and nothing.
        return line.Kind == PktKind.End
            ? throw new GitException(GitFailureKind.Malformed, "the server gives an empty answer") { MayHaveAskedWrongly = true }
            : line;
    }

    private static string[] Words(PktLine line)
    {
        if (line.Kind == PktKind.End)
        {
            throw GitException.CutOff();
        }

        var words = line.Kind == PktKind.Data ? line.Text.Split(' ') : [];
        return words.Length >= 2 && (words[0] == "unborn" || words[0].All(char.IsAsciiHexDigitLower))
            ? words
            : throw new GitException(GitFailureKind.Malformed, "the answer breaks git's protocol: a line names no reference") { MayHaveAskedWrongly = true };
    }
}

using System.Text;
using Pushcart.Git.Packs;

namespace Pushcart.Git.Protocol;

/// <summary>One commit with its trees: the <c>fetch</c> command of protocol version 2, and what the older versions have in its place.</summary>
internal static class Fetch
{
    /// <summary>Asks for one commit without its history; without blobs too, where the server can leave them out.</summary>
    public static byte[] Request(string commit, string objectFormat, bool filter)
    {
        var request = new PktLineWriter().Line("command=fetch");
        if (objectFormat != ObjectIds.Sha1)
        {
            request.Line("object-format=" + objectFormat);
        }

        request.Delimiter().Line("no-progress").Line("ofs-delta").Line("deepen 1");
        if (filter)
        {
            request.Line("filter blob:none");
        }

        return request.Line("want " + commit).Line("done").Flush();
    }

    /// <summary>The same in the words of the older versions; the last word, <c>done</c>, comes without waiting for the server's.</summary>
    /// <exception cref="GitException">The server cannot give a commit without its history.</exception>
    public static byte[] OlderRequest(string commit, Advertisement advertised)
    {
        if (!advertised.Capabilities.ContainsKey("shallow") || !advertised.Capabilities.ContainsKey("side-band-64k"))
        {
            throw NoShallow();
        }

        var filter = advertised.Capabilities.ContainsKey("filter");
        var format = advertised.ObjectFormat == ObjectIds.Sha1 ? "" : " object-format=" + advertised.ObjectFormat;
        var request = new PktLineWriter().Line($"want {advertised.Wanted(commit)} ofs-delta side-band-64k no-progress{(filter ? " filter" : "")}{format}").Line("deepen 1");
        if (filter)
        {
            request.Line("filter blob:none");
        }

        return request.FlushPart().Line("done").ToArray();
    }

    /// <summary>The failure of a server that gives a commit with all of its history only.</summary>
    public static GitException NoShallow() => new(
        GitFailureKind.Unsupported, "the server cannot give one commit without its history (shallow), so its files cannot be watched");

    /// <summary>Reads the answer: sections of lines, of which the last is the pack.</summary>
    public static async Task<GitTree> ReadAsync(
        PktLineReader lines, string commit, string objectFormat, GitLimits limits, CancellationToken cancellation)
    {
        var line = await lines.ReadAsync(cancellation);
        if (line.Kind == PktKind.End)
        {
            throw new GitException(GitFailureKind.Malformed, "the server gives an empty answer") { MayHaveAskedWrongly = true };
        }

        while (line.Kind != PktKind.Data || line.Text != "packfile")
        {
            line = line.Kind switch
            {
                PktKind.End => throw GitException.CutOff(),
                PktKind.Flush => throw GitException.Malformed("it has no pack"),
                _ => await lines.ReadAsync(cancellation),
            };
        }

        return await ReadPackAsync(lines, commit, objectFormat, limits, cancellation);
    }

    /// <summary>Reads the answer of an older version: where the history is cut off, <c>NAK</c>, and the pack.</summary>
    public static async Task<GitTree> ReadOlderAsync(
        PktLineReader lines, string commit, string objectFormat, GitLimits limits, CancellationToken cancellation)
    {
        for (var line = await lines.ReadAsync(cancellation); line.Kind != PktKind.Data || line.Text != "NAK"; line = await lines.ReadAsync(cancellation))
        {
            var expected = line.Kind == PktKind.Flush || (line.Kind == PktKind.Data && line.Text.StartsWith("shallow ", StringComparison.Ordinal));
            if (!expected)
            {
                throw line.Kind == PktKind.End ? GitException.CutOff() : GitException.Malformed("it has no pack");
            }
        }

        return await ReadPackAsync(lines, commit, objectFormat, limits, cancellation);
    }

    private static async Task<GitTree> ReadPackAsync(
        PktLineReader lines, string commit, string objectFormat, GitLimits limits, CancellationToken cancellation)
    {
        var sideband = new Sideband(lines);
        using var pack = new PackReader(sideband.ReadAsync, objectFormat, limits);
        var objects = await pack.ReadAsync(cancellation);
        return new TreeWalk(objects, objectFormat, limits).Files(commit);
    }

    /// <summary>Takes the pack out of the lines it travels in: the first byte tells pack (1), progress (2) and error (3) apart.</summary>
    private sealed class Sideband(PktLineReader lines)
    {
        private ReadOnlyMemory<byte> _rest;
        private bool _ended;

        public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellation)
        {
            while (_rest.IsEmpty && !_ended)
            {
                var line = await lines.ReadAsync(cancellation);
                switch (line.Kind)
                {
                    case PktKind.Data when line.Data.Span is [1, ..]:
                        _rest = line.Data[1..];
                        break;
                    case PktKind.Data when line.Data.Span is [2, ..]:
                        break;
                    case PktKind.Data when line.Data.Span is [3, ..]:
                        throw PktLineReader.Refusal(Encoding.UTF8.GetString(line.Data.Span[1..]));
                    case PktKind.Flush:
                        _ended = true;
                        break;
                    case PktKind.End:
                        throw GitException.CutOff();
                    default:
                        throw GitException.Malformed("the pack is interrupted");
                }
            }

            var count = Math.Min(_rest.Length, target.Length);
            _rest[..count].CopyTo(target);
            _rest = _rest[count..];
            return count;
        }
    }
}

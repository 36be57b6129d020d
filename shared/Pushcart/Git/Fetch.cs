using System.Text;
using Pushcart.Git.Packs;

namespace Pushcart.Git;

/// <summary>The <c>fetch</c> command of protocol version 2: one commit with its trees.</summary>
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

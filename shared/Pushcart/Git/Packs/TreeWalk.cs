using System.Text;
using Pushcart.Git.Protocol;

namespace Pushcart.Git.Packs;

/// <summary>Lists the files of a commit from its trees. Names are the server's: none is taken unseen.</summary>
internal sealed class TreeWalk(PackedObjects objects, string objectFormat, GitLimits limits)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly int _idBytes = ObjectIds.Bytes(objectFormat);

    /// <summary>All files, in git's order, as <c>git ls-tree -r</c> lists them.</summary>
    public GitTree Files(string commit)
    {
        var files = new List<GitFile>();
        var folders = new Stack<Folder>([new Folder("", RootOf(commit))]);
        for (var entries = 0; folders.TryPeek(out var folder);)
        {
            if (folder.Rest.IsEmpty)
            {
                folders.Pop();
                continue;
            }

            if (++entries > limits.TreeEntries)
            {
                throw GitException.TooLarge($"the commit has more than {limits.TreeEntries:N0} files and folders");
            }

            var (mode, path, id) = Next(folder);
            if (mode != "40000")
            {
                files.Add(new GitFile(path, mode, id));
            }
            else if (folders.Count < limits.TreeDepth)
            {
                folders.Push(new Folder(path + "/", Tree(id)));
            }
            else
            {
                throw GitException.TooLarge($"the commit has more than {limits.TreeDepth:N0} folders within each other");
            }
        }

        return new GitTree(files);
    }

    private byte[] RootOf(string commit)
    {
        var data = objects.Find(commit, PackedKind.Commit) ?? throw GitException.Malformed("it does not hold the commit that was asked for");
        var end = data.AsSpan().IndexOf((byte)'\n');
        var line = end < 0 ? "" : Encoding.ASCII.GetString(data, 0, end);
        return line.StartsWith("tree ", StringComparison.Ordinal)
            ? Tree(ObjectIds.Checked(line["tree ".Length..], objectFormat))
            : throw GitException.Malformed("the commit names no tree");
    }

    private byte[] Tree(string id) =>
        // git does not send the empty tree when it has never stored it.
        objects.Find(id, PackedKind.Tree) ?? (id == EmptyTree ? [] : throw GitException.Malformed("a folder of the commit is missing"));

    private string EmptyTree => objectFormat == ObjectIds.Sha256
        ? "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        : "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    // An entry is `<mode in octal> <name>NUL<id in bytes>`.
    private (string Mode, string Path, string Id) Next(Folder folder)
    {
        var rest = folder.Rest.Span;
        var (space, nul) = (rest.IndexOf((byte)' '), rest.IndexOf((byte)0));
        if (space < 0 || nul < space || rest.Length < nul + 1 + _idBytes)
        {
            throw GitException.Malformed("a folder's list of files is broken");
        }

        var path = folder.Path + Name(rest[(space + 1)..nul]);
        if (path.Length > limits.PathLength)
        {
            throw GitException.TooLarge($"a path has more than {limits.PathLength:N0} characters");
        }

        var id = Convert.ToHexStringLower(rest.Slice(nul + 1, _idBytes));
        folder.Rest = folder.Rest[(nul + 1 + _idBytes)..];
        return (Mode(rest[..space]), path, id);
    }

    // Old repositories have other bits than these in a mode; git itself reads them so.
    private static string Mode(ReadOnlySpan<byte> octal) => Encoding.ASCII.GetString(octal) switch
    {
        "40000" or "040000" => "40000",
        "120000" => "120000",
        "160000" => "160000",
        { Length: 6 } file when file.StartsWith("100", StringComparison.Ordinal) && file[3..].All(c => c is >= '0' and <= '7') =>
            ((file[3] - '0') & 1) == 1 ? "100755" : "100644",
        _ => throw GitException.Malformed("a file has no valid mode"),
    };

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        var name = Text(bytes);
        return name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Equals(".git", StringComparison.OrdinalIgnoreCase)
            ? throw GitException.Malformed("a file has a name that no file may have")
            : name;
    }

    // A name need not be UTF-8. Bytes that are not are written as git writes them (\351), so that two names stay two.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            var text = new StringBuilder();
            foreach (var value in bytes)
            {
                text.Append(value < 0x80 ? ((char)value).ToString() : "\\" + Convert.ToString(value, 8));
            }

            return text.ToString();
        }
    }

    private sealed class Folder(string path, byte[] tree)
    {
        public string Path { get; } = path;

        public ReadOnlyMemory<byte> Rest { get; set; } = tree;
    }
}

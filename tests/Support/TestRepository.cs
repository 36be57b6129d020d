using System.Text;

namespace Pushcart.Tests.Support;

/// <summary>
/// A bare repository in a folder of its own, made by real git. <see cref="Root"/> is what a <c>GitHttpBackend</c> serves; the repository is
/// <see cref="Name"/> in it. Commits have fixed authors and dates, so that equal steps give equal ids.
/// </summary>
public sealed class TestRepository : IDisposable
{
    private readonly bool _ownsRoot;
    private int _commits;

    private TestRepository(string root, string name, bool ownsRoot, bool sha256)
    {
        (Root, Name, _ownsRoot) = (root, name, ownsRoot);
        Directory.CreateDirectory(Folder);
        Git("init", "--quiet", "--bare", "--initial-branch=main", $"--object-format={(sha256 ? "sha256" : "sha1")}", ".");
    }

    /// <summary>The folder that holds the repository.</summary>
    public string Root { get; }

    /// <summary>The repository's name in <see cref="Root"/>, with <c>.git</c>.</summary>
    public string Name { get; }

    /// <summary>The repository itself.</summary>
    public string Folder => Path.Combine(Root, Name);

    /// <summary>Makes an empty repository, in a new folder or beside others in <paramref name="root"/>.</summary>
    public static TestRepository Create(string name = "app.git", string? root = null, bool sha256 = false) =>
        new(root ?? Directory.CreateTempSubdirectory("pushcart-git-").FullName, name, root is null, sha256);

    /// <summary>Commits one file on a branch, and gives the commit.</summary>
    public string Commit(string path, string content, string branch = "main") => Commit(branch, TestFile.Text(path, content));

    /// <summary>Commits several files on a branch, and gives the commit. The branch begins here where it is not there.</summary>
    public string Commit(string branch, params IReadOnlyCollection<TestFile> files) => CommitOn(Tip(branch), branch, files);

    /// <summary>Commits on another commit than the branch's, so that the branch is rewritten, and gives the commit. No parent: a new history.</summary>
    public string ForcePush(string branch, string? parent, params IReadOnlyCollection<TestFile> files) => CommitOn(parent, branch, files);

    /// <summary>The commit of a branch, or null.</summary>
    public string? Tip(string branch) => Git("for-each-ref", "--format=%(objectname)", "refs/heads/" + branch).Trim() is { Length: > 0 } tip ? tip : null;

    /// <summary>Sets a branch to a commit, whatever it was.</summary>
    public void SetBranch(string branch, string commit) => Git("update-ref", "refs/heads/" + branch, commit);

    /// <summary>Deletes a branch.</summary>
    public void DeleteBranch(string branch) => Git("update-ref", "-d", "refs/heads/" + branch);

    /// <summary>Sets a lightweight tag.</summary>
    public void Tag(string tag, string commit) => Git("update-ref", "refs/tags/" + tag, commit);

    /// <summary>Sets an annotated tag, and gives the id of the tag object.</summary>
    public string AnnotatedTag(string tag, string commit)
    {
        Git("tag", "--force", "--annotate", "--message=" + tag, tag, commit);
        return Git("rev-parse", "refs/tags/" + tag).Trim();
    }

    /// <summary>Stores an object as it is, without git's checks, and gives its id.</summary>
    public string Store(string kind, byte[] content) =>
        GitCommand.Run(Folder, content, "hash-object", "-w", "--stdin", "--literally", "-t", kind).Trim();

    /// <summary>Runs git in the repository and gives what it prints.</summary>
    public string Git(params ReadOnlySpan<string> arguments) => GitCommand.Run(Folder, null, arguments);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Git makes its objects read-only, which on Windows would keep them from being deleted.
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(_ownsRoot ? Root : Folder, recursive: true);
    }

    private string CommitOn(string? parent, string branch, IReadOnlyCollection<TestFile> files)
    {
        // One process a commit, with no work tree: the stream of fast-import.
        var stream = new MemoryStream();
        Line($"commit refs/heads/{branch}");
        Line("mark :1");
        Line($"committer Test <test@example.org> {1_700_000_000 + ++_commits} +0000");
        Data(Encoding.UTF8.GetBytes($"Commit {_commits}\n"));
        if (parent is not null)
        {
            Line($"from {parent}");
        }

        foreach (var file in files)
        {
            var path = "\"" + file.Path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
            if (file.Content is null)
            {
                Line($"D {path}");
            }
            else if (file.Mode == "160000")
            {
                Line($"M 160000 {Encoding.UTF8.GetString(file.Content)} {path}");
            }
            else
            {
                Line($"M {file.Mode} inline {path}");
                Data(file.Content);
            }
        }

        Line("");
        Line("get-mark :1");
        return GitCommand.Run(Folder, stream.ToArray(), "fast-import", "--quiet", "--force").Trim();

        void Line(string line) => stream.Write(Encoding.UTF8.GetBytes(line + "\n"));

        void Data(byte[] bytes)
        {
            Line($"data {bytes.Length}");
            stream.Write(bytes);
            Line("");
        }
    }
}

/// <summary>A file to commit.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Mode">Its mode, as git writes it.</param>
/// <param name="Content">Its bytes; of a submodule the id of its commit; null: the path is deleted.</param>
public sealed record TestFile(string Path, string Mode, byte[]? Content)
{
    /// <summary>A file of text.</summary>
    public static TestFile Text(string path, string content) => new(path, "100644", Encoding.UTF8.GetBytes(content));

    /// <summary>A file that can be run.</summary>
    public static TestFile Executable(string path, string content) => new(path, "100755", Encoding.UTF8.GetBytes(content));

    /// <summary>A symbolic link.</summary>
    public static TestFile Link(string path, string target) => new(path, "120000", Encoding.UTF8.GetBytes(target));

    /// <summary>A submodule.</summary>
    public static TestFile Submodule(string path, string commit) => new(path, "160000", Encoding.UTF8.GetBytes(commit));

    /// <summary>A deleted path.</summary>
    public static TestFile Deleted(string path) => new(path, "100644", null);
}

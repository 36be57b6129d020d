using System.Security.Cryptography;
using System.Text;
using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Triggers.Checks;

/// <summary>The hash of the watched files of a commit. It begins with a hash of the patterns, since hashes of different patterns tell nothing about each other.</summary>
internal sealed class WatchedHash(GitClient git, GitEndpoint endpoint, IReadOnlyList<string> patterns)
{
    private readonly WatchedFiles _files = new(patterns);
    private readonly string _prefix = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', patterns))))[..16] + ":";

    /// <summary>The hash at a commit, without the contents of any file.</summary>
    public async Task<GitAnswer<string>> OfAsync(string commit, string? reference, GitDialect? dialect, CancellationToken cancellation)
    {
        var tree = await git.ListFilesAsync(endpoint, commit, reference, dialect, cancellation).ConfigureAwait(false);
        return tree.Failure is { } failure ? failure : _prefix + tree.Value!.HashOf(_files.Matches);
    }

    /// <summary>
    /// True where the files are as they were at the commit before. Where the patterns have changed since, that commit is looked at again;
    /// where it cannot be, the answer is no: a job too many is better than one too few.
    /// </summary>
    public async Task<bool> IsSameAsync(string now, string? before, string commitBefore, GitDialect? dialect, CancellationToken cancellation)
    {
        if (before?.StartsWith(_prefix, StringComparison.Ordinal) != true)
        {
            before = (await OfAsync(commitBefore, null, dialect, cancellation).ConfigureAwait(false)).Value;
        }

        return now == before;
    }
}

/// <summary>What the watched files of a commit that is to fire say.</summary>
/// <param name="Hash">Their hash; null where there are no patterns, or the commit on record stays.</param>
/// <param name="Same">True where they are as they were at the commit on record: the new commit alone is no change.</param>
/// <param name="Failure">Why they cannot be told; null where they can.</param>
internal sealed record WatchedChange(string? Hash, bool Same, GitFailure? Failure = null)
{
    /// <summary>Looks at them, where it matters.</summary>
    public static async Task<WatchedChange> OfAsync(GitClient git, GitEndpoint? endpoint, ReadItem read, Decision.Fire fire, CancellationToken cancellation)
    {
        var (item, state, _, _) = read;
        if (item.Spec.Sources.Files.Count == 0 || !fire.Moves)
        {
            return new(null, Same: false);
        }

        var watched = new WatchedHash(git, endpoint!, item.Spec.Sources.Files);
        var now = await watched.OfAsync(fire.Commit, item.Reference.FullName, state.Dialect, cancellation).ConfigureAwait(false);
        if (now.Failure is { } failure)
        {
            return new(null, Same: false, failure);
        }

        // The first check, and a trigger that always fires, ask nobody.
        var same = fire.Commit != state.Commit && item.Spec.Sources.OnChangeOnly && state.Commit is { } before
            && await watched.IsSameAsync(now.Value!, state.FileHash, before, state.Dialect, cancellation).ConfigureAwait(false);
        return new(now.Value, same);
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Git;

/// <summary>The references that a remote answered.</summary>
/// <param name="Commits">Full name (<c>refs/heads/main</c>) → commit; an annotated tag is peeled. Only names that were asked for.</param>
/// <param name="Dialect">What the remote speaks, to be remembered and given to the next call.</param>
public sealed record GitRefs(IReadOnlyDictionary<string, string> Commits, GitDialect Dialect);

/// <summary>What a remote speaks, found out once and remembered on the source, so that a check stays one request.</summary>
/// <param name="Protocol">Version of the protocol: 2, or 0 for a server that reads no version.</param>
/// <param name="ObjectFormat"><c>sha1</c> or <c>sha256</c>.</param>
/// <param name="Location">Where redirects led, or null.</param>
public sealed record GitDialect(int Protocol = 2, string ObjectFormat = "sha1", string? Location = null);

/// <summary>A file of a commit's tree.</summary>
/// <param name="Path">Path from the root, with <c>/</c>.</param>
/// <param name="Mode">Mode in octal, as git writes it: <c>100644</c>, <c>120000</c>, <c>160000</c>.</param>
/// <param name="Id">Object id of the blob (or of the commit, of a submodule).</param>
public sealed record GitFile(string Path, string Mode, string Id);

/// <summary>All files of one commit, in git's order.</summary>
/// <param name="Files">Every entry that is no folder: files, symbolic links, submodules.</param>
public sealed record GitTree(IReadOnlyList<GitFile> Files)
{
    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, over mode, id and path of the files whose path <paramref name="matches"/>, in git's order.
    /// Equal hashes mean equal watched files; no match at all has a hash too.
    /// </summary>
    public string HashOf(Func<string, bool> matches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files.Where(file => matches(file.Path)))
        {
            // As `git ls-tree -z` writes it: no path holds a NUL, so no two lists of files give the same bytes.
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Mode} {file.Id}\t{file.Path}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

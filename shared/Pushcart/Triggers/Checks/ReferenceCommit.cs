using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Triggers.Checks;

/// <summary>The commit of one reference, asked for by itself: of a source that is cloned instead, or of a job without a check.</summary>
internal static class ReferenceCommit
{
    /// <summary>Asks; a commit needs no question. The time-out is <see cref="GitLimits.RefsTimeout"/>.</summary>
    /// <returns>The commit, or why there is none.</returns>
    public static async Task<(string? Commit, string? Error)> FindAsync(
        SourceEndpoints endpoints, GitClient git, string ns, Resource source, GitReference reference, CancellationToken cancellation)
    {
        if (reference.FullName is not { } name)
        {
            return (reference.Name, null);
        }

        var (endpoint, error) = await endpoints.ResolveAsync(ns, source.Name, (GitRepoSpec)source.Spec!, cancellation).ConfigureAwait(false);
        if (endpoint is null)
        {
            return (null, error);
        }

        var answer = await git.ListRefsAsync(endpoint, [name], null, cancellation).ConfigureAwait(false);
        return answer.Failure is { } failure ? (null, $"{source.Name}: {failure.Message}")
            : answer.Value!.Commits.TryGetValue(name, out var commit) ? (commit, null)
            : (null, $"{source.Name}: there is no {reference}");
    }
}

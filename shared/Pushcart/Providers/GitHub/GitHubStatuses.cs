using Octokit;

namespace Pushcart.Providers.GitHub;

/// <summary>Commit statuses at GitHub.</summary>
public sealed class GitHubStatuses(GitHubConnection connection) : IStatusReports
{
    // GitHub refuses a longer description; a longer context is cut, so that what is told twice is the same twice.
    private const int MostDescription = 140;
    private const int MostContext = 255;

    /// <inheritdoc/>
    public bool Tells(string repository) =>
        connection.Settings is { IsConfigured: true, CommitStatus: true } && GitHubRepository.Of(repository, connection.Host) is not null;

    /// <inheritdoc/>
    public async Task<ProviderAnswer> TellAsync(StatusReport report, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(report);
        var repository = GitHubRepository.Of(report.Repository, connection.Host) ?? throw new ArgumentException("it is no repository of GitHub", nameof(report));
        var status = new NewCommitStatus
        {
            State = report.State switch
            {
                StatusState.Pending => CommitState.Pending,
                StatusState.Success => CommitState.Success,
                StatusState.Failure => CommitState.Failure,
                _ => CommitState.Error,
            },
            Context = Cut(report.Context, MostContext),
            Description = Cut(report.Description, MostDescription),
            TargetUrl = report.TargetUrl,
        };
        return await connection.CallAsync(
            repository,
            GitHubPermission.Statuses,
            $"the status of commit {report.Commit}",
            async client => (CommitStatus?)await client.Repository.Status.Create(repository.Owner, repository.Name, report.Commit, status).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}

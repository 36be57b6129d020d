using System.Collections.Concurrent;

namespace Pushcart.Git;

/// <summary>
/// Asks git servers over http and https (smart HTTP, protocol version 2, older ones where needed): for references, and for the files of a commit.
/// A server that fails is a <see cref="GitFailure"/>, whose message names the remote and never a secret. One instance serves a whole process.
/// </summary>
public sealed class GitClient : IDisposable
{
    private readonly TimeProvider _time;
    private readonly GitLimits _limits;
    private readonly Func<GitEndpoint, HttpMessageHandler> _transport;
    private readonly ConcurrentDictionary<(string? CaCertificates, bool NoVerifySsl), SocketsHttpHandler> _connections = new();

    /// <summary>A client.</summary>
    /// <param name="time">What time-outs are measured by.</param>
    /// <param name="limits">How much is read, and for how long; null: the defaults.</param>
    /// <param name="transport">
    /// What sends a request to an endpoint, for tests and simulations: it must follow no redirect, and is not disposed. Null: connections of the
    /// client's own, kept for each trust setting until it is disposed.
    /// </param>
    public GitClient(TimeProvider time, GitLimits? limits = null, Func<GitEndpoint, HttpMessageHandler>? transport = null)
    {
        _time = time;
        _limits = limits ?? GitLimits.Default;
        _transport = transport ?? Connections;
    }

    /// <summary>
    /// The commits of references, by one request where nothing has changed about the server. A name that the server does not have is absent.
    /// Where it has none of them, one more request tells an empty repository (<see cref="GitFailureKind.Empty"/>) from missing references.
    /// </summary>
    /// <param name="endpoint">The repository.</param>
    /// <param name="fullNames">Full names: <c>refs/heads/main</c>. None: nothing is asked.</param>
    /// <param name="remembered">The dialect that the last call for this repository returned, or null.</param>
    /// <param name="cancellation">Ends the call, by an exception; a time-out is an answer.</param>
    public Task<GitAnswer<GitRefs>> ListRefsAsync(
        GitEndpoint endpoint, IReadOnlyCollection<string> fullNames, GitDialect? remembered, CancellationToken cancellation) =>
        AnswerAsync(endpoint, remembered, _limits.RefsTimeout, (session, ended) => ListRefsAsync(session, fullNames, ended), cancellation);

    /// <summary>
    /// All files of one commit. Their contents are not downloaded; a server that cannot leave them out sends them, and they are skipped.
    /// </summary>
    /// <param name="endpoint">The repository.</param>
    /// <param name="commit">Its full id.</param>
    /// <param name="fullName">The reference that it was seen at, or null; only where the server does not give the commit is it looked at.</param>
    /// <param name="remembered">The dialect that the last call for this repository returned, or null.</param>
    /// <param name="cancellation">Ends the call, by an exception; a time-out is an answer.</param>
    public Task<GitAnswer<GitTree>> ListFilesAsync(
        GitEndpoint endpoint, string commit, string? fullName, GitDialect? remembered, CancellationToken cancellation) =>
        AnswerAsync(endpoint, remembered ?? DialectOf(commit), _limits.FilesTimeout, (session, ended) => ListFilesAsync(session, commit, fullName, ended), cancellation);

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        foreach (var handler in _connections.Values)
        {
            handler.Dispose();
        }
    }

    private async Task<GitRefs> ListRefsAsync(GitSession session, IReadOnlyCollection<string> fullNames, CancellationToken cancellation)
    {
        // No reference has such a name, and a line must not end within it.
        var wanted = fullNames.Where(name => name.Length > 0 && !name.Any(char.IsControl)).ToHashSet(StringComparer.Ordinal);
        if (fullNames.Count == 0)
        {
            return new GitRefs(new Dictionary<string, string>(), session.Dialect);
        }

        var (commits, hasAny) = await session.AskAsync(
            _ => LsRefs.Request(wanted, session.Dialect.ObjectFormat),
            _limits.RefsBytes,
            async lines => (await LsRefs.ReadAsync(lines, wanted, session.Dialect.ObjectFormat, _limits.Refs, cancellation), false),
            advertised => (advertised.Commits.Where(pair => wanted.Contains(pair.Key)).ToDictionary(), advertised.Commits.Count > 0),
            cancellation);
        if (commits.Count == 0 && !hasAny && !await HasAnyAsync(session, cancellation))
        {
            throw new GitException(GitFailureKind.Empty, "the repository has no branches and no tags yet; push a first commit");
        }

        return new GitRefs(commits, session.Dialect);
    }

    private Task<bool> HasAnyAsync(GitSession session, CancellationToken cancellation) => session.AskAsync(
        _ => LsRefs.Request([], session.Dialect.ObjectFormat),
        _limits.RefsBytes,
        lines => LsRefs.HasAnyAsync(lines, cancellation),
        advertised => advertised.Commits.Count > 0,
        cancellation);

    private async Task<GitTree> ListFilesAsync(GitSession session, string commit, string? fullName, CancellationToken cancellation)
    {
        try
        {
            return await FetchAsync(session, commit, cancellation);
        }
        catch (GitException refused) when (refused.RefusesCommit && fullName is not null)
        {
            // A replica that lags behind has the commit a moment later; otherwise the reference tells what became of it.
            var refs = await ListRefsAsync(session, [fullName], cancellation);
            var now = refs.Commits.GetValueOrDefault(fullName);
            return now == commit
                ? await FetchAsync(session, commit, cancellation)
                : throw new GitException(
                    GitFailureKind.NotFound,
                    $"the server does not have the commit {commit} any more: {fullName} {(now is null ? "is gone" : "is at " + now)}");
        }
    }

    private Task<GitTree> FetchAsync(GitSession session, string commit, CancellationToken cancellation) => session.AskAsync(
        advertised => ObjectIds.IsValid(commit, session.Dialect.ObjectFormat)
            ? advertised is null || advertised.CanFetch("shallow")
                ? Fetch.Request(commit, session.Dialect.ObjectFormat, filter: advertised is null || advertised.CanFetch("filter"))
                : throw new GitException(GitFailureKind.Unsupported, "the server cannot give one commit without its history (shallow), so its files cannot be watched")
            : throw new GitException(GitFailureKind.NotFound, $"{commit} is no id of a commit in a {session.Dialect.ObjectFormat} repository"),
        _limits.PackBytes,
        lines => Fetch.ReadAsync(lines, commit, session.Dialect.ObjectFormat, _limits, cancellation),
        _ => throw new GitException(GitFailureKind.Unsupported, "the server does not speak version 2 of git's protocol, so its files cannot be watched"),
        cancellation);

    private static GitDialect? DialectOf(string commit) => ObjectIds.IsValid(commit, ObjectIds.Sha256) ? new GitDialect(ObjectFormat: ObjectIds.Sha256) : null;

    private async Task<GitAnswer<T>> AnswerAsync<T>(
        GitEndpoint endpoint, GitDialect? remembered, TimeSpan timeout, Func<GitSession, CancellationToken, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            GitFailures.CheckHeader(endpoint.Auth);
            using var http = new HttpMessageInvoker(_transport(endpoint), disposeHandler: false);
            return await ask(new GitSession(http, endpoint, remembered, _limits), either.Token);
        }
        catch (GitException failure)
        {
            return Failed(failure.Kind, failure.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(GitFailureKind.TimedOut, $"no whole answer within {timeout.TotalSeconds:0.###} s");
        }
        catch (Exception exception) when (GitFailures.Of(exception) is not null)
        {
            var (kind, sentence) = GitFailures.Of(exception)!.Value;
            return Failed(kind, sentence);
        }

        GitFailure Failed(GitFailureKind kind, string sentence) => new(kind, $"{GitAddress.Show(endpoint.RepoUri)}: {GitFailures.WithoutSecrets(sentence, endpoint.Auth)}");
    }

    private SocketsHttpHandler Connections(GitEndpoint endpoint) => _connections.GetOrAdd(
        (endpoint.CaCertificates, endpoint.NoVerifySsl), trust => GitTrust.Connections(trust.CaCertificates, trust.NoVerifySsl));
}

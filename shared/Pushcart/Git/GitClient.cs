using System.Collections.Concurrent;
using Pushcart.Git.Protocol;
using Pushcart.Git.Ssh;

namespace Pushcart.Git;

/// <summary>
/// Asks git servers over http and https (smart HTTP) and ssh, in protocol version 2 or an older one where needed: for references, and for the files of a commit.
/// A server that fails is a <see cref="GitFailure"/>, whose message names the remote and never a secret. One instance serves a whole process.
/// </summary>
public sealed class GitClient : IDisposable
{
    private readonly TimeProvider _time;
    private readonly GitLimits _limits;
    private readonly Func<GitEndpoint, HttpMessageHandler> _transport;
    private readonly SshClient _ssh;
    private readonly ConcurrentDictionary<(string? CaCertificates, bool NoVerifySsl), SocketsHttpHandler> _connections = new();

    /// <summary>A client.</summary>
    /// <param name="time">What time-outs are measured by.</param>
    /// <param name="limits">How much is read, and for how long; null: the defaults.</param>
    /// <param name="transport">
    /// What sends a request to an endpoint, for tests and simulations: it must follow no redirect, and is not disposed. Null: connections of the
    /// client's own, kept for each trust setting until it is disposed.
    /// </param>
    /// <param name="path">Folders that are searched for the program <c>ssh</c>, as in PATH; null: PATH.</param>
    public GitClient(TimeProvider time, GitLimits? limits = null, Func<GitEndpoint, HttpMessageHandler>? transport = null, string? path = null)
    {
        _time = time;
        _limits = limits ?? GitLimits.Default;
        _transport = transport ?? Connections;
        _ssh = new SshClient(time, _limits, path);
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

        _ssh.Dispose();
    }

    private async Task<GitRefs> ListRefsAsync(IGitSession session, IReadOnlyCollection<string> fullNames, CancellationToken cancellation)
    {
        // No reference has such a name, and a line must not end within it.
        var wanted = fullNames.Where(name => name.Length > 0 && !name.Any(char.IsControl)).ToHashSet(StringComparer.Ordinal);
        if (fullNames.Count == 0)
        {
            return new GitRefs(new Dictionary<string, string>(), session.Dialect);
        }

        var (commits, hasAny) = await session.AskAsync(
            new GitQuestion<(Dictionary<string, string>, bool)>
            {
                Request = _ => LsRefs.Request(wanted, session.Dialect.ObjectFormat),
                Limit = _limits.RefsBytes,
                Read = async lines => (await LsRefs.ReadAsync(lines, wanted, session.Dialect.ObjectFormat, _limits.Refs, cancellation), false),
                Older = advertised => new((advertised.Commits.Where(pair => wanted.Contains(pair.Key)).ToDictionary(), advertised.Commits.Count > 0)),
            },
            cancellation);
        if (commits.Count == 0 && !hasAny && !await HasAnyAsync(session, cancellation))
        {
            throw new GitException(GitFailureKind.Empty, "the repository has no branches and no tags yet; push a first commit");
        }

        return new GitRefs(commits, session.Dialect);
    }

    private Task<bool> HasAnyAsync(IGitSession session, CancellationToken cancellation) => session.AskAsync(
        new GitQuestion<bool>
        {
            Request = _ => LsRefs.Request([], session.Dialect.ObjectFormat),
            Limit = _limits.RefsBytes,
            Read = lines => LsRefs.HasAnyAsync(lines, cancellation),
            Older = advertised => new(advertised.Commits.Count > 0),
        },
        cancellation);

    private async Task<GitTree> ListFilesAsync(IGitSession session, string commit, string? fullName, CancellationToken cancellation)
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

    private Task<GitTree> FetchAsync(IGitSession session, string commit, CancellationToken cancellation) => session.AskAsync(
        new GitQuestion<GitTree>
        {
            Request = advertised => Checked(session, commit, advertised is null || advertised.CanFetch("shallow")
                ? Fetch.Request(commit, session.Dialect.ObjectFormat, filter: advertised is null || advertised.CanFetch("filter"))
                : throw Fetch.NoShallow()),
            Limit = _limits.PackBytes,
            Read = lines => Fetch.ReadAsync(lines, commit, session.Dialect.ObjectFormat, _limits, cancellation),
            Older = advertised => new(
                null,
                Checked(session, commit, Fetch.OlderRequest(commit, advertised)),
                lines => Fetch.ReadOlderAsync(lines, commit, session.Dialect.ObjectFormat, _limits, cancellation)),
        },
        cancellation);

    // An id of the other format is not asked for: the server would only hang up.
    private static byte[] Checked(IGitSession session, string commit, byte[] request) => ObjectIds.IsValid(commit, session.Dialect.ObjectFormat)
        ? request
        : throw new GitException(GitFailureKind.NotFound, $"{commit} is no id of a commit in a {session.Dialect.ObjectFormat} repository");

    private static GitDialect? DialectOf(string commit) => ObjectIds.IsValid(commit, ObjectIds.Sha256) ? new GitDialect(ObjectFormat: ObjectIds.Sha256) : null;

    private async Task<GitAnswer<T>> AnswerAsync<T>(
        GitEndpoint endpoint, GitDialect? remembered, TimeSpan timeout, Func<IGitSession, CancellationToken, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            GitFailures.CheckHeader(endpoint.Auth);
            await using var session = Session(endpoint, remembered);
            return await ask(session, either.Token);
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

    private IGitSession Session(GitEndpoint endpoint, GitDialect? remembered) => SshAddress.IsSsh(endpoint.RepoUri)
        ? _ssh.Session(endpoint)
        : new HttpSession(new HttpMessageInvoker(_transport(endpoint), disposeHandler: false), endpoint, remembered, _limits);

    private SocketsHttpHandler Connections(GitEndpoint endpoint) => _connections.GetOrAdd(
        (endpoint.CaCertificates, endpoint.NoVerifySsl), trust => GitTrust.Connections(trust.CaCertificates, trust.NoVerifySsl));
}

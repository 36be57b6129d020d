using Pushcart.Git.Protocol;
namespace Pushcart.Git.Ssh;

/// <summary>
/// The questions of one call over ssh: one connection as a rule, whose server first tells its capabilities or, an older one, its references. After a failure
/// the connection is not used any more, and another question begins a new one.
/// </summary>
internal sealed class SshSession(string program, SshAddress address, SshAuth auth, SemaphoreSlim host, GitLimits limits, TimeProvider time) : IGitSession
{
    private SshFolder? _folder;
    private SshConnection? _connection;
    private Advertisement? _advertised;

    /// <inheritdoc/>
    public GitDialect Dialect { get; private set; } = new();

    /// <summary>
    /// 1. Connects, and reads what the server tells unasked. 2. Asks in version 2. 3. Of an older server takes the references, or asks in its words, which
    /// ends the conversation.
    /// </summary>
    public async Task<T> AskAsync<T>(GitQuestion<T> question, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(cancellation);
        try
        {
            // 1.
            var advertised = _advertised ??= await DiscoverAsync(connection, cancellation);

            // 2.
            if (advertised.Version == 2)
            {
                return await AskAsync(connection, question.Request(advertised), question.Limit, question.Read, cancellation);
            }

            // 3.
            var older = question.Older(advertised);
            if (older.Request is not { } words || older.Read is not { } read)
            {
                return older.Value!;
            }

            var answer = await AskAsync(connection, words, question.Limit, read, cancellation);
            await EndAsync(atOnce: true);
            return answer;
        }
        catch (Exception failure) when (failure is GitException or IOException)
        {
            // Ended by the time-out or the caller, its end says nothing of the server.
            cancellation.ThrowIfCancellationRequested();
            var explanation = connection.Lines.HasEnded || failure is IOException ? await connection.ExplainAsync(address, cancellation) : null;
            await EndAsync(atOnce: true);
            if (explanation is not null)
            {
                throw explanation;
            }

            throw;
        }
    }

    /// <summary>Ends the connection and removes the key.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndAsync(atOnce: false);
        }
        finally
        {
            _folder?.Dispose();
        }
    }

    private async Task<SshConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { } open)
        {
            return open;
        }

        await host.WaitAsync(cancellation);
        try
        {
            _folder ??= SshFolder.CreateTemporary(address, auth, time);
            _folder.ClearLog();
            _connection = SshConnection.Start(program, _folder, address, limits.RefsBytes, time, cancellation);

            // It counts as begun until the server speaks, or there is nothing more to come.
            await _connection.Lines.PeekAsync(cancellation);
            return _connection;
        }
        finally
        {
            host.Release();
        }
    }

    private async Task<Advertisement> DiscoverAsync(SshConnection connection, CancellationToken cancellation)
    {
        Advertisement advertised;
        try
        {
            advertised = await Advertisement.ReadAsync(connection.Lines, limits.Refs, cancellation);
        }
        catch (GitException failure) when (failure.Kind == GitFailureKind.Malformed && !connection.Lines.HasEnded)
        {
            throw new GitException(GitFailureKind.NotGit, "what answers does not speak git: a shell that prints a greeting, say; look at repoUri");
        }

        if (advertised.ObjectFormat is not (ObjectIds.Sha1 or ObjectIds.Sha256))
        {
            throw new GitException(GitFailureKind.Unsupported, "the repository has an unknown object format");
        }

        Dialect = new GitDialect(advertised.Version, advertised.ObjectFormat);
        return advertised;
    }

    private static async Task<T> AskAsync<T>(
        SshConnection connection, byte[] request, int limit, Func<PktLineReader, Task<T>> read, CancellationToken cancellation)
    {
        connection.Lines.Begin(limit);
        await connection.WriteAsync(request, cancellation);
        return await read(connection.Lines);
    }

    private async Task EndAsync(bool atOnce)
    {
        if (_connection is { } connection)
        {
            (_connection, _advertised) = (null, null);
            await connection.EndAsync(atOnce);
        }
    }
}

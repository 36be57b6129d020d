namespace Pushcart.Git.Protocol;

/// <summary>
/// The requests of one call over http(s). Nothing is asked before the question itself; only where its answer shows that it may have been the wrong one are
/// the server's capabilities asked for, once, and the question again.
/// </summary>
internal sealed class HttpSession(HttpMessageInvoker http, GitEndpoint endpoint, GitDialect? remembered, GitLimits limits) : IGitSession
{
    private readonly Uri _repository = GitAddress.Parse(endpoint.RepoUri);
    private Advertisement? _advertised;

    /// <inheritdoc/>
    public GitDialect Dialect { get; private set; } = remembered ?? new GitDialect();

    /// <summary>
    /// 1. Asks, unless the server is known to speak an older protocol. 2. If that may have been wrong, asks for the capabilities.
    /// 3. Where the server is an old one, takes the references from there, or asks in its words. 4. Asks again, if what is asked or where differs now.
    /// </summary>
    public async Task<T> AskAsync<T>(GitQuestion<T> question, CancellationToken cancellation)
    {
        // 1.
        (Uri Address, byte[] Body)? asked = null;
        Exception? failure = null;
        if (Dialect.Protocol == 2)
        {
            asked = (GitAddress.UploadPack(Location()), question.Request(_advertised));
            try
            {
                return await PostAsync(asked.Value.Address, asked.Value.Body, question.Limit, question.Read, cancellation);
            }
            catch (Exception exception) when (_advertised is null && MayHelp(exception))
            {
                failure = exception;
            }
        }

        // 2.
        _advertised = await DiscoverAsync(cancellation);

        // 3.
        if (_advertised.Version < 2)
        {
            var older = question.Older(_advertised);
            return older.Request is { } words && older.Read is { } read
                ? await PostAsync(GitAddress.UploadPack(Location()), words, question.Limit, read, cancellation)
                : older.Value!;
        }

        // 4.
        var (address, body) = (GitAddress.UploadPack(Location()), question.Request(_advertised));
        return failure is not null && asked is { } before && before.Address == address && before.Body.AsSpan().SequenceEqual(body)
            ? throw failure
            : await PostAsync(address, body, question.Limit, question.Read, cancellation);
    }

    /// <summary>Lets go of the connections, which are the client's and stay.</summary>
    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    // A place that redirects led to once may be gone, in any way; the repository's own address still counts.
    private bool MayHelp(Exception exception) => exception switch
    {
        GitException git => git.MayHaveAskedWrongly || (Dialect.Location is not null && git.Kind is not GitFailureKind.TooLarge),
        HttpRequestException => Dialect.Location is not null,
        _ => false,
    };

    private Uri Location()
    {
        // What is remembered is text from a table: it counts only where a redirect could have led there.
        return Dialect.Location is { } location && GitAddress.Parse(location) is var led && GitAddress.MayLead(_repository, led) ? led : _repository;
    }

    private async Task<T> PostAsync<T>(Uri address, byte[] body, int limit, Func<PktLineReader, Task<T>> read, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Post, address);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-git-upload-pack-request");
        request.Headers.TryAddWithoutValidation("Accept", "application/x-git-upload-pack-result");
        using var response = await http.SendAsync(request, cancellation);
        return await read(await LinesAsync(response, "application/x-git-upload-pack-result", limit, cancellation));
    }

    private async Task<Advertisement> DiscoverAsync(CancellationToken cancellation)
    {
        var address = GitAddress.InfoRefs(_repository);
        for (var hops = 0; ; hops++)
        {
            using var request = Request(HttpMethod.Get, address);
            using var response = await http.SendAsync(request, cancellation);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308
                && response.Headers.Location is { } location && Uri.TryCreate(address, location, out var next) && GitAddress.MayLead(address, next))
            {
                address = hops < limits.Redirects
                    ? next
                    : throw new GitException(GitFailureKind.Redirected, $"the server redirects more than {limits.Redirects} times; look at repoUri");
                continue;
            }

            // A redirect to a sign-in page, say, leads to an answer, but to no repository.
            var led = GitAddress.RepositoryOf(address)
                ?? throw new GitException(GitFailureKind.Redirected, $"the server redirects to {GitAddress.Show(address)}, which is no repository; look at repoUri");
            var lines = await LinesAsync(response, "application/x-git-upload-pack-advertisement", limits.RefsBytes, cancellation);
            var advertised = await Advertisement.ReadAsync(lines, limits.Refs, cancellation);
            if (advertised.ObjectFormat is not (ObjectIds.Sha1 or ObjectIds.Sha256))
            {
                throw new GitException(GitFailureKind.Unsupported, "the repository has an unknown object format");
            }

            Dialect = new GitDialect(advertised.Version, advertised.ObjectFormat, led == _repository ? null : led.AbsoluteUri);
            return advertised;
        }
    }

    private HttpRequestMessage Request(HttpMethod method, Uri address)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("User-Agent", "git/2.0 (pushcart)");
        request.Headers.TryAddWithoutValidation("Git-Protocol", "version=2");
        if (endpoint.Auth.Header is { } authorization && GitAddress.SharesCredentials(_repository, address))
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return request;
    }

    private async Task<PktLineReader> LinesAsync(HttpResponseMessage response, string mediaType, int limit, CancellationToken cancellation)
    {
        if ((int)response.StatusCode != 200)
        {
            throw GitFailures.OfStatus(response, endpoint.Auth);
        }

        var answered = response.Content.Headers.ContentType?.MediaType;
        return string.Equals(answered, mediaType, StringComparison.OrdinalIgnoreCase)
            ? new PktLineReader(await response.Content.ReadAsStreamAsync(cancellation), limit)
            : throw GitFailures.OfType(answered);
    }
}

namespace Octokit.Internal;

/// <summary>Carries requests.</summary>
public interface IHttpClient : IDisposable
{
    /// <summary>Sends one request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="preprocessResponseBody">Changes the body before it is read, or null.</param>
    Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null);

    /// <summary>How long one request may take. Default 100 s.</summary>
    void SetRequestTimeout(TimeSpan timeout);
}

/// <summary>A request.</summary>
public interface IRequest
{
    /// <summary>The body as text, or null.</summary>
    object? Body { get; set; }

    /// <summary>Headers.</summary>
    Dictionary<string, string> Headers { get; }

    /// <summary>Method.</summary>
    HttpMethod Method { get; }

    /// <summary>Address of the API.</summary>
    Uri BaseAddress { get; }

    /// <summary>Path and query.</summary>
    Uri Endpoint { get; }

    /// <summary>Media type of the body.</summary>
    string? ContentType { get; }
}

/// <summary>A request.</summary>
public class Request : IRequest
{
    /// <inheritdoc/>
    public object? Body { get; set; }

    /// <inheritdoc/>
    public Dictionary<string, string> Headers { get; } = [];

    /// <inheritdoc/>
    public HttpMethod Method { get; set; } = HttpMethod.Get;

    /// <inheritdoc/>
    public Uri BaseAddress { get; set; } = GitHubClient.GitHubApiUrl;

    /// <inheritdoc/>
    public Uri Endpoint { get; set; } = new("", UriKind.Relative);

    /// <inheritdoc/>
    public string? ContentType { get; set; }
}

/// <summary>Credentials that do not change.</summary>
public class InMemoryCredentialStore(Credentials credentials) : ICredentialStore
{
    /// <inheritdoc/>
    public Task<Credentials> GetCredentials() => Task.FromResult(credentials);
}

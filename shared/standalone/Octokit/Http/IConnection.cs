using System.Net;

namespace Octokit;

/// <summary>Sends requests: paths are relative to the API's address. An answer of 400 and above is an <see cref="ApiException"/>.</summary>
public interface IConnection
{
    /// <summary>Address of the API.</summary>
    Uri BaseAddress { get; }

    /// <summary>Where credentials come from.</summary>
    ICredentialStore CredentialStore { get; }

    /// <summary>What the last answer said of limits and pages; null before the first.</summary>
    ApiInfo? GetLastApiInfo();

    /// <summary>GET.</summary>
    /// <param name="uri">Path, with or without a query.</param>
    /// <param name="parameters">Query, or null.</param>
    Task<IApiResponse<T>> Get<T>(Uri uri, IDictionary<string, string>? parameters);

    /// <summary>GET.</summary>
    /// <param name="uri">Path, with or without a query.</param>
    /// <param name="parameters">Query, or null.</param>
    /// <param name="accepts">Media type; null: GitHub's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IApiResponse<T>> Get<T>(Uri uri, IDictionary<string, string>? parameters, string? accepts, CancellationToken cancellationToken);

    /// <summary>PATCH.</summary>
    /// <param name="uri">Path.</param>
    /// <param name="body">Written as JSON; a string as it is.</param>
    Task<IApiResponse<T>> Patch<T>(Uri uri, object body);

    /// <summary>POST without a body.</summary>
    /// <param name="uri">Path.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<HttpStatusCode> Post(Uri uri, CancellationToken cancellationToken = default);

    /// <summary>POST.</summary>
    /// <param name="uri">Path.</param>
    /// <param name="body">Written as JSON; a string as it is.</param>
    /// <param name="accepts">Media type; null: GitHub's.</param>
    /// <param name="contentType">Media type of the body; null: the library's.</param>
    /// <param name="parameters">Query, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IApiResponse<T>> Post<T>(
        Uri uri, object body, string? accepts, string? contentType, IDictionary<string, string>? parameters = null, CancellationToken cancellationToken = default);

    /// <summary>DELETE.</summary>
    /// <param name="uri">Path.</param>
    Task<HttpStatusCode> Delete(Uri uri);
}

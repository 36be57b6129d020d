using System.Net;
using System.Reflection;
using Octokit.Internal;

namespace Octokit;

/// <summary>Sends requests by an <see cref="IHttpClient"/>.</summary>
public class Connection : IConnection
{
    private const string Accept = "application/vnd.github.v3+json";
    private static readonly string s_version = typeof(Connection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
    private readonly IHttpClient _http;
    private readonly IJsonSerializer _serializer;
    private readonly string _userAgent;
    private ApiInfo? _last;

    /// <summary>A connection.</summary>
    /// <param name="productInformation">Who sends.</param>
    /// <param name="baseAddress">Address of the API, absolute, with a slash at its end.</param>
    /// <param name="credentialStore">Where credentials come from.</param>
    /// <param name="httpClient">What carries the requests.</param>
    /// <param name="serializer">Writes and reads JSON.</param>
    public Connection(ProductHeaderValue productInformation, Uri baseAddress, ICredentialStore credentialStore, IHttpClient httpClient, IJsonSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(productInformation);
        ArgumentNullException.ThrowIfNull(baseAddress);
        ArgumentNullException.ThrowIfNull(credentialStore);
        ArgumentNullException.ThrowIfNull(httpClient);
        ArgumentNullException.ThrowIfNull(serializer);
        if (!baseAddress.IsAbsoluteUri)
        {
            throw new ArgumentException($"The base address '{baseAddress}' must be an absolute URI", nameof(baseAddress));
        }

        (BaseAddress, CredentialStore, _http, _serializer) = (baseAddress, credentialStore, httpClient, serializer);
        _userAgent = $"{productInformation} (Octokit stand-in {s_version})";
    }

    /// <inheritdoc/>
    public Uri BaseAddress { get; }

    /// <inheritdoc/>
    public ICredentialStore CredentialStore { get; }

    /// <inheritdoc/>
    public ApiInfo? GetLastApiInfo() => _last;

    /// <inheritdoc/>
    public Task<IApiResponse<T>> Get<T>(Uri uri, IDictionary<string, string>? parameters) => Get<T>(uri, parameters, null, CancellationToken.None);

    /// <inheritdoc/>
    public Task<IApiResponse<T>> Get<T>(Uri uri, IDictionary<string, string>? parameters, string? accepts, CancellationToken cancellationToken) =>
        SendAsync<T>(HttpMethod.Get, WithQuery(uri, parameters), null, accepts, null, cancellationToken);

    /// <inheritdoc/>
    public Task<IApiResponse<T>> Patch<T>(Uri uri, object body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return SendAsync<T>(HttpMethod.Patch, uri, body, null, null, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<HttpStatusCode> Post(Uri uri, CancellationToken cancellationToken = default) =>
        (await SendAsync<object>(HttpMethod.Post, uri, null, null, null, cancellationToken).ConfigureAwait(false)).HttpResponse.StatusCode;

    /// <inheritdoc/>
    public Task<IApiResponse<T>> Post<T>(
        Uri uri, object body, string? accepts, string? contentType, IDictionary<string, string>? parameters = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return SendAsync<T>(HttpMethod.Post, WithQuery(uri, parameters), body, accepts, contentType, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<HttpStatusCode> Delete(Uri uri) =>
        (await SendAsync<object>(HttpMethod.Delete, uri, null, null, null, CancellationToken.None).ConfigureAwait(false)).HttpResponse.StatusCode;

    private async Task<IApiResponse<T>> SendAsync<T>(HttpMethod method, Uri uri, object? body, string? accepts, string? contentType, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var request = new Request { Method = method, BaseAddress = BaseAddress, Endpoint = uri };
        request.Headers["Accept"] = string.IsNullOrEmpty(accepts) ? Accept : accepts;
        request.Headers["User-Agent"] = _userAgent;
        if (body is not null)
        {
            // The real library says application/x-www-form-urlencoded where nobody says what it is, and sends JSON all the same.
            request.Body = body is string ? body : _serializer.Serialize(body);
            request.ContentType = contentType ?? "application/json";
        }

        Authenticate(request, await CredentialStore.GetCredentials().ConfigureAwait(false) ?? Credentials.Anonymous);
        var response = await _http.Send(request, cancellation).ConfigureAwait(false);
        _last = response.ApiInfo;
        ApiErrors.ThrowOn(response);
        var value = response is { ContentType: "application/json", Body: string { Length: > 0 } text } ? _serializer.Deserialize<T>(text) : default;
        return new ApiResponse<T>(response, value!);
    }

    private static void Authenticate(Request request, Credentials credentials)
    {
        var scheme = credentials.AuthenticationType switch
        {
            AuthenticationType.Anonymous => null,
            AuthenticationType.Oauth => "Token",
            AuthenticationType.Bearer => "Bearer",
            _ => throw new NotSupportedException("the stand-in authenticates by tokens only"),
        };
        if (scheme is not null)
        {
            request.Headers["Authorization"] = $"{scheme} {credentials.Password}";
        }
    }

    private static Uri WithQuery(Uri uri, IDictionary<string, string>? parameters)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (parameters is not { Count: > 0 })
        {
            return uri;
        }

        // What the address says already stays where no parameter says it anew, as in the real library.
        var text = uri.OriginalString.Split('?', 2);
        var query = (text.Length > 1 ? text[1] : "").Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !parameters.ContainsKey(Uri.UnescapeDataString(pair.Split('=')[0])))
            .Concat(parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
        return new($"{text[0]}?{string.Join('&', query)}", UriKind.RelativeOrAbsolute);
    }
}

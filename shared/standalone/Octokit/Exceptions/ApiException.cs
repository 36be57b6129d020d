using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using Octokit.Internal;

namespace Octokit;

/// <summary>An answer of 400 and above.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it: an answer is what makes one")]
public class ApiException : Exception
{
    private static readonly SimpleJsonSerializer s_json = new();

    /// <summary>Of an answer.</summary>
    public ApiException(IResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        (HttpResponse, StatusCode, ApiError) = (response, response.StatusCode, Read(response.Body as string));
    }

    /// <summary>The answer.</summary>
    public IResponse HttpResponse { get; }

    /// <summary>Its status.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>What it says.</summary>
    public ApiError ApiError { get; }

    /// <inheritdoc/>
    public override string Message => string.IsNullOrWhiteSpace(ApiError.Message) ? "An error occurred with this API request" : ApiError.Message;

    // What stands between GitHub and us may answer something else than GitHub's JSON.
    private static ApiError Read(string? body)
    {
        try
        {
            return string.IsNullOrEmpty(body) ? new(body) : s_json.Deserialize<ApiError>(body) ?? new(body);
        }
        catch (JsonException)
        {
            return new(body);
        }
    }
}

/// <summary>401.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class AuthorizationException(IResponse response) : ApiException(response);

/// <summary>404.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class NotFoundException(IResponse response) : ApiException(response);

/// <summary>422.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class ApiValidationException(IResponse response) : ApiException(response);

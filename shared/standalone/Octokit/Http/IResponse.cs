using System.Net;

namespace Octokit;

/// <summary>An answer whose body was read.</summary>
public interface IApiResponse<out T>
{
    /// <summary>The body; default where there is none.</summary>
    T Body { get; }

    /// <summary>The answer itself.</summary>
    IResponse HttpResponse { get; }
}

/// <summary>An answer.</summary>
public interface IResponse
{
    /// <summary>The body as text; null without one.</summary>
    object? Body { get; }

    /// <summary>Headers, each with its first value.</summary>
    IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What the headers say of limits and pages.</summary>
    ApiInfo ApiInfo { get; }

    /// <summary>Status.</summary>
    HttpStatusCode StatusCode { get; }

    /// <summary>Media type of the body; null without one.</summary>
    string? ContentType { get; }
}

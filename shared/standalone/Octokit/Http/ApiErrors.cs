using System.Net;

namespace Octokit;

/// <summary>Which exception an answer is: the real library's rules, by status and by what the body says.</summary>
internal static class ApiErrors
{
    public static void ThrowOn(IResponse response)
    {
        if ((int)response.StatusCode >= 400)
        {
            throw response.StatusCode switch
            {
                HttpStatusCode.Unauthorized => new AuthorizationException(response),
                HttpStatusCode.Forbidden => Forbidden(response),
                HttpStatusCode.NotFound => new NotFoundException(response),
                HttpStatusCode.UnprocessableEntity => new ApiValidationException(response),
                _ => new ApiException(response),
            };
        }
    }

    private static ForbiddenException Forbidden(IResponse response)
    {
        var body = response.Body as string ?? "";
        return body.Contains("rate limit exceeded", StringComparison.Ordinal) ? new RateLimitExceededException(response)
            : body.Contains("secondary rate limit", StringComparison.Ordinal) ? new SecondaryRateLimitExceededException(response)
            : body.Contains("abuse-rate-limits", StringComparison.Ordinal) || body.Contains("abuse detection mechanism", StringComparison.Ordinal) ? new AbuseException(response)
            : new ForbiddenException(response);
    }
}

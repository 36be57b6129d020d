using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Octokit;

/// <summary>403.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class ForbiddenException(IResponse response) : ApiException(response);

/// <summary>403: the requests of the hour are used up.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class RateLimitExceededException(IResponse response) : ForbiddenException(response)
{
    /// <summary>When the next hour begins.</summary>
    public DateTimeOffset Reset => HttpResponse.ApiInfo.RateLimit.Reset;
}

/// <summary>403: too much at once.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class SecondaryRateLimitExceededException(IResponse response) : ForbiddenException(response);

/// <summary>403: too much at once, as older servers say it.</summary>
[SuppressMessage("Design", "CA1032", Justification = "as the real library has it")]
public class AbuseException(IResponse response) : ForbiddenException(response)
{
    /// <summary>The header <c>Retry-After</c>; null where the answer has none.</summary>
    public int? RetryAfterSeconds =>
        int.TryParse(HttpResponse.Headers.FirstOrDefault(h => h.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? seconds : null;
}

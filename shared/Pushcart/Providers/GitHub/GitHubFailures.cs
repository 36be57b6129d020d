using System.Globalization;
using System.Net;
using Octokit;

namespace Pushcart.Providers.GitHub;

/// <summary>What an answer of GitHub that is no success means, and when it wants to be asked again.</summary>
internal static class GitHubFailures
{
    private const int MostCharacters = 300;

    // What GitHub's documentation asks for where a secondary limit says nothing itself.
    private static readonly TimeSpan s_unsaid = TimeSpan.FromMinutes(1);

    // The hour of a limit is an hour; more is a clock that is wrong.
    private static readonly TimeSpan s_most = TimeSpan.FromHours(2);

    /// <summary>The answer, without what was asked for.</summary>
    /// <param name="e">GitHub's answer.</param>
    /// <param name="what">What was asked for: <c>the webhooks of octocat/hello</c>.</param>
    /// <param name="permission">The permission that it takes, in GitHub's words.</param>
    /// <param name="now">Now.</param>
    public static ProviderAnswer Of(ApiException e, string what, string permission, DateTimeOffset now)
    {
        var said = $"GitHub answers {(int)e.StatusCode} to {what}: {Words(e)}";
        if (LimitOf(e, now) is { } until)
        {
            return new(ProviderResult.Failed, $"{said}; it is asked again at {until.UtcDateTime:HH:mm:ss} UTC", until);
        }

        return e.StatusCode switch
        {
            HttpStatusCode.NotFound => new(ProviderResult.Missing, $"{said}; is the App or the token allowed to see it ({permission})?"),
            HttpStatusCode.Forbidden => new(ProviderResult.Refused, $"{said}; it takes the permission {permission}"),
            HttpStatusCode.Unauthorized => new(ProviderResult.Failed, $"{said}; look at GitHub:Token, or GitHub:AppId and its key"),
            HttpStatusCode.UnprocessableEntity when SaysItExists(e) => new(ProviderResult.Exists, said),
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new(ProviderResult.Failed, said, RetryAfter(e, now)),
            _ => new(ProviderResult.Refused, said),
        };
    }

    // GitHub's rules: retry-after first; then x-ratelimit-reset where nothing remains; otherwise a minute. 429 or 403, and a body that only Octokit's exceptions know.
    private static DateTimeOffset? LimitOf(ApiException e, DateTimeOffset now)
    {
        if (e.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }

        if (RetryAfter(e, now) is { } after)
        {
            return after;
        }

        if (e.HttpResponse?.ApiInfo.RateLimit is { Limit: > 0, Remaining: 0 } limit)
        {
            return Within(limit.Reset, now);
        }

        return e.StatusCode == HttpStatusCode.TooManyRequests || e is RateLimitExceededException or SecondaryRateLimitExceededException or AbuseException ? now + s_unsaid : null;
    }

    /// <summary>When the hour's limit begins anew; null where something of it remains, or the answer says nothing.</summary>
    public static DateTimeOffset? UsedUp(ApiInfo? info, DateTimeOffset now) => info?.RateLimit is { Limit: > 0, Remaining: 0 } limit ? Within(limit.Reset, now) : null;

    private static DateTimeOffset? RetryAfter(ApiException e, DateTimeOffset now)
    {
        var text = e.HttpResponse?.Headers.FirstOrDefault(h => h.Key.Equals("Retry-After", StringComparison.OrdinalIgnoreCase)).Value;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Within(now + TimeSpan.FromSeconds(seconds), now)
            : DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? Within(at, now)
            : null;
    }

    private static DateTimeOffset Within(DateTimeOffset at, DateTimeOffset now) => at > now + s_most ? now + s_most : at < now ? now : at;

    private static bool SaysItExists(ApiException e) =>
        e.ApiError?.Errors?.Any(d => d.Code == "already_exists" || d.Message?.Contains("already exists", StringComparison.OrdinalIgnoreCase) == true) == true;

    private static string Words(ApiException e)
    {
        var details = (e.ApiError?.Errors ?? []).Select(d => d.Message ?? d.Code).OfType<string>();
        var words = string.Join("; ", details.Prepend(e.Message)).ReplaceLineEndings(" ");
        return words.Length <= MostCharacters ? words : words[..MostCharacters] + "…";
    }
}

using System.Globalization;

namespace Pushcart.Webhooks;

/// <summary>What a webhook is answered.</summary>
/// <param name="Code">Status of HTTP.</param>
/// <param name="Message">For people.</param>
/// <param name="TaskId">What <c>GET api/tasks/…</c> is asked with; null where nothing is owed.</param>
public sealed record HookAnswer(int Code, string Message, string? TaskId = null)
{
    /// <summary>Where the caller is to wait: for so long, in whole seconds from 1.</summary>
    public int? RetryAfter { get; init; }

    /// <summary><c>ok</c> or <c>error</c>.</summary>
    public string Status => Code < 400 ? "ok" : "error";

    /// <summary>Headers of the answer.</summary>
    public IEnumerable<(string Name, string Value)> Headers => RetryAfter is not { } seconds ? []
        : [("retry-after", seconds.ToString(CultureInfo.InvariantCulture)), ("x-ratelimit-after", seconds.ToString(CultureInfo.InvariantCulture))];

    /// <summary>202: checks are owed.</summary>
    public static HookAnswer Accepted(string taskId) => new(202, "job has been scheduled", taskId);

    /// <summary>200: it was understood, and nothing follows.</summary>
    public static HookAnswer Nothing(string why) => new(200, why);

    /// <summary>4xx or 5xx.</summary>
    public static HookAnswer Refused(int code, string why) => new(code, why);

    /// <summary>429.</summary>
    public static HookAnswer Limited(TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return new(429, $"too many requests; try again in {seconds} s") { RetryAfter = seconds };
    }

    /// <summary>503: nothing is owed, the sender may try again.</summary>
    public static HookAnswer Away { get; } = new(503, "storage does not answer; nothing was accepted, send it again");
}

using System.Text.Json.Nodes;
using System.Xml;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary>What commands decide by the state of a job, and how they show it.</summary>
internal static class JobStates
{
    private static readonly string[] s_alive = ["queued", "claimed", "running"];

    /// <summary>The headings of jobs in a list.</summary>
    public static string[] Headings { get; } = ["ID", "STATE", "TRIGGER", "REFERENCE", "COMMIT", "SUBMITTED", "DURATION", "REASON"];

    /// <summary>True where a job in that state changes no more.</summary>
    /// <param name="state">The state; null where nothing is kept of the job any more.</param>
    public static bool HasEnded(string? state) => !s_alive.Contains(state);

    /// <summary>The cells of a job in a list.</summary>
    public static string?[] Cells(JsonNode job) =>
    [
        (string?)job["id"], (string?)job["state"], (string?)job["trigger"] ?? "-", (string?)job["reference"], Short((string?)job["commit"]),
        (string?)job["submittedAt"], DurationOf(job), (string?)job["reason"],
    ];

    /// <summary>A job in lines, without what is not known of it.</summary>
    public static IEnumerable<string> Lines(JsonNode job)
    {
        foreach (var (name, value) in job.AsObject())
        {
            if (value is not null && name is not "log")
            {
                yield return $"{name + ":",-15} {(name == "duration" ? DurationOf(job) : value is JsonObject ? value.ToJsonString() : value.ToString().ReplaceLineEndings(" "))}";
            }
        }
    }

    /// <summary>Waits until a job has ended, and shows it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="session">The server.</param>
    /// <param name="deadline">How long; null: as long as it takes.</param>
    /// <param name="cancellation">Ends the waiting. The job goes on.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> WaitAsync(string id, Session session, DateTimeOffset? deadline, CancellationToken cancellation)
    {
        var (job, ended) = await Waiting.UntilAsync(
            session,
            PathOf(id),
            now =>
            {
                session.Notices.Progress($"job {id} {now["state"]}{(now["reason"] is { } reason ? $": {reason.ToString().ReplaceLineEndings(" ")}" : "")}");
                return HasEnded((string?)now["state"]);
            },
            deadline,
            cancellation);
        session.Printer.Print(job, () => Listing.Of(new JsonArray(job.DeepClone()), Cells, Headings));
        return !ended ? ExitCode.StillRunning : (string?)job["state"] == "succeeded" ? ExitCode.Done : ExitCode.JobFailed;
    }

    /// <summary>A job's path of the API.</summary>
    public static string PathOf(string id) => $"api/jobs/{Uri.EscapeDataString(id)}";

    private static string? Short(string? commit) => commit?.Length > 12 ? commit[..12] : commit;

    private static string? DurationOf(JsonNode job) =>
        (string?)job["duration"] is { } text && XmlConvert.ToTimeSpan(text) is var duration
            ? duration.ToString(duration < TimeSpan.FromMinutes(1) ? @"s\.f's'" : duration < TimeSpan.FromHours(1) ? @"m'm's's'" : @"d\.hh\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture)
            : null;
}

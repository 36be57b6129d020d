using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pushcart.Providers;

namespace Pushcart.Jobs.Live;

/// <summary>
/// Tells providers how the jobs of their commits go: once that one is pending, and its end. Only the timer's pass of Observe does. A pending that is late must not overtake
/// the end, also where two passes are made at once, one of them by a process that stands still:
/// <list type="number">
/// <item>the row first: who tells that a job is pending notes it on the row, on the version that it saw, and sends it within 5 s or not at all;</item>
/// <item>a call takes 10 s at most; so the end is told 30 s after that note, or as soon as the pending's own answer was seen here.</item>
/// </list>
/// The end is never noted: its row goes once it is told, and a crash in between tells it twice.
/// </summary>
public sealed class Reporting(JobStore jobs, IEnumerable<IStatusReports> providers, PublicUrl url, TimeProvider time, ILogger<Reporting> log)
{
    /// <summary>How long after a job's end a report of it is tried. A day.</summary>
    public static TimeSpan Tried { get; } = TimeSpan.FromDays(1);

    private static readonly TimeSpan s_sendWithin = TimeSpan.FromSeconds(5);

    // Sent within 5 s, answered or cut off within 10; the rest is for the way, the provider, and clocks that are apart.
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(30);

    // Pendings whose answer this process has seen: only saves the wait above.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _answered = new();

    /// <summary>True where the job's provider is to be told of its end.</summary>
    public bool IsOwed(Job job) => ProviderOf(job) is not null;

    /// <summary>True where a pending may still be on its way.</summary>
    public bool MayStillTell(Job job) => job.ToldAt is { } told
        && !(_answered.TryGetValue(job.Id, out var answered) && answered == told)
        && time.GetUtcNow() - told < s_settled;

    /// <summary>Tells that jobs are queued or run, of those that have not ended and were not told yet, oldest first.</summary>
    /// <param name="all">All live jobs; one that was told is replaced by its new version.</param>
    /// <param name="until">What is not begun by then waits for the next pass.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public async Task TellPendingAsync(List<Job> all, DateTimeOffset until, CancellationToken cancellation)
    {
        var newest = Newest(all);
        for (var i = 0; i < all.Count && time.GetUtcNow() < until; i++)
        {
            var job = all[i];
            var now = time.GetUtcNow();
            if (job.State != JobState.Ended && (job.ReportAt is { } at ? at <= now : job.ToldAt is null) && newest.Contains(job.Id) && ProviderOf(job) is { } provider)
            {
                all[i] = await TellPendingAsync(job, provider, now, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells the end of jobs, oldest first.</summary>
    /// <param name="ended">Jobs that have ended, whose history is written.</param>
    /// <param name="all">All live jobs: of several of one trigger and commit, the newest is told.</param>
    /// <param name="until">What is not begun by then is noted for the next pass.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <returns>Those of which nothing is left to tell.</returns>
    public async Task<IReadOnlyList<Job>> TellEndsAsync(IReadOnlyList<Job> ended, IReadOnlyList<Job> all, DateTimeOffset until, CancellationToken cancellation)
    {
        var newest = Newest(all);
        var done = new List<Job>();
        foreach (var job in ended)
        {
            if (ProviderOf(job) is not { } provider || !newest.Contains(job.Id))
            {
                done.Add(job);
                continue;
            }

            var now = time.GetUtcNow();
            var answer = job.ReportAt > now || now >= until
                ? null
                : await provider.TellAsync(Report(job), cancellation).ConfigureAwait(false);
            if (answer is null or { Result: ProviderResult.Failed } && now - job.EndedAt < Tried)
            {
                await NoteAsync(job, answer, cancellation).ConfigureAwait(false);
                continue;
            }

            if (answer is not { Result: ProviderResult.Done })
            {
                log.LogWarning("job {Id}: nobody is told of its end: {Message}", job.Id, answer?.Message ?? "it has waited for a day");
            }

            done.Add(job);
        }

        foreach (var id in _answered.Keys.Where(id => !all.Any(j => j.Id == id) || done.Any(j => j.Id == id)))
        {
            _answered.TryRemove(id, out _);
        }

        return done;
    }

    private async Task<Job> TellPendingAsync(Job job, IStatusReports provider, DateTimeOffset now, CancellationToken cancellation)
    {
        var noted = await jobs.ApplyAsync(job, new PendingTold(now), slots: null, cancellation).ConfigureAwait(false);
        if (noted.Result != Applied.Changed || time.GetUtcNow() - now > s_sendWithin)
        {
            return noted.Job ?? job;
        }

        var answer = await provider.TellAsync(Report(noted.Job!), cancellation).ConfigureAwait(false);
        if (answer.Result == ProviderResult.Failed)
        {
            log.LogInformation("job {Id}: its commit is not told yet that it is pending: {Message}", job.Id, answer.Message);
            return (await jobs.ApplyAsync(noted.Job!, new ReportFailed(time.GetUtcNow(), answer.NotBefore, OfEnd: false), slots: null, cancellation).ConfigureAwait(false)).Job ?? job;
        }

        _answered[job.Id] = now;
        if (answer.Result != ProviderResult.Done)
        {
            log.LogWarning("job {Id}: its commit is not told that it is pending: {Message}", job.Id, answer.Message);
        }

        return noted.Job!;
    }

    // Where it was not asked, and its next try stands on its row already, nothing is to be noted.
    private async Task NoteAsync(Job job, ProviderAnswer? answer, CancellationToken cancellation)
    {
        if (answer is not null)
        {
            log.LogInformation("job {Id}: its commit is not told of its end yet: {Message}", job.Id, answer.Message);
        }
        else if (job.Archived == true)
        {
            return;
        }

        await jobs.ApplyAsync(job, new ReportFailed(time.GetUtcNow(), answer is null ? job.ReportAt : answer.NotBefore, OfEnd: true), slots: null, cancellation).ConfigureAwait(false);
    }

    private IStatusReports? ProviderOf(Job job) =>
        job is { Repository: { } repository, TriggerName: not null } ? providers.FirstOrDefault(p => p.Tells(repository)) : null;

    // What an older job tells late would hide what a newer one of the same trigger and commit has told.
    private static HashSet<string> Newest(IReadOnlyList<Job> all) =>
        [.. all.GroupBy(j => (j.Repository, j.Commit, Context(j))).Select(g => g.Select(j => j.Id).Max(StringComparer.Ordinal)!)];

    private StatusReport Report(Job job) => new(
        job.Repository!,
        job.Commit,
        Context(job),
        job.Outcome switch
        {
            null => StatusState.Pending,
            JobOutcome.Succeeded => StatusState.Success,
            JobOutcome.Failed => StatusState.Failure,
            _ => StatusState.Error,
        },
        Description(job),
        url.Of($"api/jobs/{job.Id}"));

    private static string Context(Job job) => $"pushcart/{job.Namespace}/{job.TriggerName}";

    // Whoever sees the commit sees it: the reason, which may name what is inside the cluster, stands behind the link.
    private static string Description(Job job)
    {
        var took = job.EndedAt - job.StartedAt is { } duration ? string.Create(CultureInfo.InvariantCulture, $" after {Took(duration)}") : "";
        return job.Outcome switch
        {
            null => "Queued or running",
            JobOutcome.Succeeded => "Succeeded" + took,
            JobOutcome.Failed => "Failed" + took + (job.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $" with exit code {code}") : ""),
            JobOutcome.Cancelled when job.Reason?.StartsWith("superseded", StringComparison.Ordinal) == true => "Superseded by a newer commit",
            JobOutcome.Cancelled => "Cancelled" + took,
            JobOutcome.Expired => "Expired: it waited too long",
            _ => "Lost: nobody saw its end",
        };
    }

    private static string Took(TimeSpan duration) => duration.TotalMinutes < 1 ? $"{duration.TotalSeconds:0} s"
        : duration.TotalHours < 1 ? $"{duration.Minutes} min {duration.Seconds} s"
        : $"{(int)duration.TotalHours} h {duration.Minutes} min";
}

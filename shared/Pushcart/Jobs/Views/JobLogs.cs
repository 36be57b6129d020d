using System.Text;
using Pushcart.Execution;
using Pushcart.Jobs.Finished;
using Pushcart.Resources;

namespace Pushcart.Jobs.Views;

/// <summary>Reads the output of jobs: from the run while it exists, from history afterwards; of a registered worker's job, what the worker has sent so far.</summary>
public sealed class JobLogs(JobStore jobs, History history, IExecutor executor, RunOutput output)
{
    /// <summary>Opens the output of a job's last run.</summary>
    /// <param name="id">Id of the job; what is no id is not there.</param>
    /// <param name="follow"><c>true</c>: it goes on until the run ends; not of a registered worker's run, of which what was sent so far is all.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="cancellation">Ends the call, and the output.</param>
    /// <returns>The output of the last run from its beginning, or, once that run is gone, the tail that history keeps. To be disposed.</returns>
    public async Task<Answer<Stream>> OpenAsync(string id, string? follow, AllowedNamespaces within, CancellationToken cancellation)
    {
        if (QueryFlag.Read("follow", follow, out var isFollowed) is { } wrong)
        {
            return wrong;
        }

        if (!JobId.IsValid(id))
        {
            return JobQueries.NotFound(id);
        }

        // Live first: a job that is archived meanwhile is in history then, never in neither.
        // One that has ended and whose report is still owed is in both, and only history has its tail.
        if (await jobs.FindAsync(id, cancellation).ConfigureAwait(false) is { Archived: not true } job)
        {
            return !within.Has(job.Namespace) ? JobQueries.NotFound(id)
                : await OfRunAsync(job, isFollowed, cancellation).ConfigureAwait(false) is { } now ? now
                : None(id, WhyNone(job));
        }

        if (await history.FindAsync(id, cancellation).ConfigureAwait(false) is not { } finished || !within.Has(finished.Job.Namespace))
        {
            return JobQueries.NotFound(id);
        }

        return await OfRunAsync(finished.Job, follow: false, cancellation).ConfigureAwait(false) is { } whole ? whole
            : finished.Log is { } tail ? new MemoryStream(Encoding.UTF8.GetBytes(tail), writable: false)
            : None(id, "its run is gone and left no output");
    }

    // A registered worker's runs are where only that worker sees them.
    private async Task<Stream?> OfRunAsync(Job job, bool follow, CancellationToken cancellation) =>
        job.Attempt == 0 ? null
        : !job.IsRegistered ? await executor.OpenLogAsync(RunNames.Of(job), follow, cancellation).ConfigureAwait(false)
        : await output.WholeAsync(job.Id, job.Run, cancellation).ConfigureAwait(false) is { } sent ? new MemoryStream(Encoding.UTF8.GetBytes(sent), writable: false)
        : null;

    private static Refusal None(string id, string why) => new(RefusalCodes.NoLog, $"job {id} has no log: {why}");

    private static string WhyNone(Job job) => job switch
    {
        { IsRegistered: true, IsActive: true } => $"its worker {job.Worker} has sent nothing of it yet",
        { State: JobState.Queued } => "it is queued, and has not begun",
        { State: JobState.Ended } => "its run left no output",
        _ => "its run has not begun to write",
    };
}

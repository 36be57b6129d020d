using System.Security.Cryptography;
using System.Text;
using Pushcart.Jobs;

namespace Pushcart.Triggers;

/// <summary>How a cancel was answered.</summary>
public abstract record CancelAnswer
{
    private CancelAnswer()
    {
    }

    /// <summary>It has ended by this, or is being stopped and ends when nothing of its run is alive.</summary>
    public sealed record Done(JobView Job) : CancelAnswer;

    /// <summary>It had ended before. Nothing is written.</summary>
    public sealed record Ended(JobView Job) : CancelAnswer;

    /// <summary>There is no such job.</summary>
    public sealed record NoJob : CancelAnswer;
}

/// <summary>What people do with jobs: cancel one, run one again.</summary>
public sealed class JobSteering(JobStore jobs, History history, Requesting requesting, Chance chance, TimeProvider time)
{
    /// <summary>Cancels a job: lines 5, 13 and, by force, 25 of the table of states.</summary>
    /// <param name="id">Its id; what is no id is <see cref="CancelAnswer.NoJob"/>.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="force">True: one whose lease is past ends at once, though its run may still be at work.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    public async Task<CancelAnswer> CancelAsync(string id, string by, bool force, CancellationToken cancellation)
    {
        if (!JobId.IsValid(id))
        {
            return new CancelAnswer.NoJob();
        }

        if (await jobs.FindAsync(id, cancellation).ConfigureAwait(false) is { } job)
        {
            var answer = await jobs.ApplyAsync(job, new Cancel(time.GetUtcNow(), $"cancelled by {by}", force), slots: null, cancellation).ConfigureAwait(false);
            switch (answer)
            {
                case { Job: { State: JobState.Ended } ended, Result: Applied.Nothing }:
                    return new CancelAnswer.Ended(JobView.Of(ended));
                case { Job: { } now }:
                    // Nothing to write where it is being stopped already.
                    return new CancelAnswer.Done(JobView.Of(now));
            }
        }

        return await history.FindAsync(id, cancellation).ConfigureAwait(false) is { } finished
            ? new CancelAnswer.Ended(JobView.Of(finished, withLog: false))
            : new CancelAnswer.NoJob();
    }

    /// <summary>Runs a job again: a new one of its commit, with its action as it is now; line 2 of the table of states.</summary>
    /// <param name="id">Id of the job, live or finished.</param>
    /// <param name="key">The same for each time that this is asked for; null: each time is a new job.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    /// <returns>The answer; null where there is no such job.</returns>
    public async Task<RequestAnswer?> RerunAsync(string id, string? key, string by, CancellationToken cancellation)
    {
        var job = !JobId.IsValid(id) ? null
            : await jobs.FindAsync(id, cancellation).ConfigureAwait(false) ?? (await history.FindAsync(id, cancellation).ConfigureAwait(false))?.Job;
        if (job is null)
        {
            return null;
        }

        // The caller and the namespace are part of it: one's key is not another's.
        var request = string.IsNullOrEmpty(key) ? chance.NewId() : Hash($"{by}\n{job.Namespace}\nrerun\n{key}");
        return await requesting.RequestAsync(JobRequest.Rerun(request, Hash(id), job, by), cancellation).ConfigureAwait(false);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

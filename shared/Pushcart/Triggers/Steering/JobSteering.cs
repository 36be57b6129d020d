using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;

namespace Pushcart.Triggers.Steering;

/// <summary>What people do with jobs: make one, cancel one, run one again.</summary>
public sealed class JobSteering(JobStore jobs, History history, ResourceStore resources, Requesting requesting, Chance chance, TimeProvider time)
{
    /// <summary>Cancels a job: lines 5, 13 and, by force, 25 of the table of states.</summary>
    /// <param name="id">Its id; what is no id is not there.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="force"><c>true</c>: one whose lease is past ends at once, though its run may still be at work.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    /// <returns>The job: it has ended by this, or is being stopped and ends when nothing of its run is alive. Nothing is written for one that had ended before.</returns>
    public async Task<Answer<JobView>> CancelAsync(string id, string by, AllowedNamespaces within, string? force, CancellationToken cancellation)
    {
        if (QueryFlag.Read("force", force, out var isForced) is { } wrong)
        {
            return wrong;
        }

        if (!JobId.IsValid(id))
        {
            return JobQueries.NotFound(id);
        }

        if (await jobs.FindAsync(id, cancellation).ConfigureAwait(false) is { } job)
        {
            if (!within.Has(job.Namespace))
            {
                return JobQueries.NotFound(id);
            }

            var answer = await jobs.ApplyAsync(job, new Cancel(time.GetUtcNow(), $"cancelled by {by}", isForced), slots: null, cancellation).ConfigureAwait(false);
            switch (answer)
            {
                case { Job: { State: JobState.Ended } ended, Result: Applied.Nothing }:
                    return Ended(id, JobView.Of(ended));
                case { Job: { } now }:
                    // Nothing to write where it is being stopped already.
                    return JobView.Of(now);
            }
        }

        return await history.FindAsync(id, cancellation).ConfigureAwait(false) is { } finished && within.Has(finished.Job.Namespace)
            ? Ended(id, JobView.Of(finished, withLog: false))
            : JobQueries.NotFound(id);
    }

    /// <summary>Runs a job again: a new one of its commit, with its action as it is now; line 2 of the table of states.</summary>
    /// <param name="id">Id of the job, live or finished.</param>
    /// <param name="key">The same for each time that this is asked for; null: each time is a new job.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    public async Task<Answer<RequestedJob>> RerunAsync(string id, string? key, string by, AllowedNamespaces within, CancellationToken cancellation)
    {
        var job = !JobId.IsValid(id) ? null
            : await jobs.FindAsync(id, cancellation).ConfigureAwait(false) ?? (await history.FindAsync(id, cancellation).ConfigureAwait(false))?.Job;
        if (job is null || !within.Has(job.Namespace))
        {
            return JobQueries.NotFound(id);
        }

        var request = RequestKey.IdOf(by, job.Namespace, "rerun", key, chance);
        return request.Refusal is { } refusal ? refusal
            : await requesting.RequestAsync(JobRequest.Rerun(request.Value!, RequestKey.Hash(id), job, by), cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a job without a trigger: line 2 of the table of states.</summary>
    /// <param name="body">JSON: <see cref="JobBody"/>.</param>
    /// <param name="length">Bytes of the body, as its sender says.</param>
    /// <param name="key">The same for each time that this is asked for; null: each time is a new job.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="within">Where the caller may act.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    public async Task<Answer<RequestedJob>> SubmitAsync(Stream body, long? length, string? key, string by, AllowedNamespaces within, CancellationToken cancellation)
    {
        var text = await BodyText.ReadAsync(body, length, JobBody.MostBytes, cancellation).ConfigureAwait(false);
        if (text.Refusal is { } unread)
        {
            return unread;
        }

        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var read = JobBody.Read(text.Value!, catalog.Settings.VariablesPrefix);
        if (read.Refusal is { } invalid)
        {
            return invalid;
        }

        var asked = read.Value!;
        if (!within.Has(asked.Namespace))
        {
            return new Refusal(RefusalCodes.Elsewhere, $"for this token there is no namespace {asked.Namespace}; it is for {string.Join(", ", within.Names)} only");
        }

        var id = RequestKey.IdOf(by, asked.Namespace, "job", key, chance);
        if (id.Refusal is { } refusal)
        {
            return refusal;
        }

        var request = new JobRequest(
            id.Value!, RequestKey.Hash(asked.ToString()), asked.Namespace, asked.Action, asked.Source, asked.Reference, asked.Commit, $"asked for by {by}", Variables: asked.Variables);
        return await requesting.RequestAsync(request, cancellation).ConfigureAwait(false);
    }

    private static Refusal Ended(string id, JobView job) => new(RefusalCodes.JobEnded, $"job {id} has ended: {job.State}");
}

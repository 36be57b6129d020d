using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Resources;

namespace Pushcart.Jobs.Views;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, newest first; live ones stand before finished ones.</param>
/// <param name="Next">Opaque; asks for the next page, also where this one is short. Null at the end.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, string? Next);

/// <summary>Reads jobs, live and finished.</summary>
public sealed class JobQueries(JobStore jobs, History history, IKnownWorkers workers)
{
    /// <summary>Finished jobs in one page.</summary>
    public const int PageSize = 50;

    /// <summary>Storage calls of one page: where a filter lets few rows through, storage may answer with few or none, and the token of a short page goes on.</summary>
    public const int CallsOfPage = 3;

    /// <summary>One job, with its log once it is finished; null where there is none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<JobView?> FindAsync(string id, AllowedNamespaces within, CancellationToken cancellation)
    {
        if (!JobId.IsValid(id))
        {
            return null;
        }

        // Live first: a job that is archived meanwhile is in history then, never in neither.
        // One that has ended and whose report is still owed is in both, and only history has its log.
        var job = await jobs.FindAsync(id, cancellation).ConfigureAwait(false);
        return job is { State: not JobState.Ended } or { Archived: not true } ? within.Has(job.Namespace) ? await ViewAsync(job, cancellation).ConfigureAwait(false) : null
            : await history.FindAsync(id, cancellation).ConfigureAwait(false) is { } finished && within.Has(finished.Job.Namespace) ? JobView.Of(finished, withLog: true)
            : null;
    }

    /// <summary>Tells that there is no such job.</summary>
    public static Refusal NotFound(string id) => new(RefusalCodes.JobNotFound, $"there is no job '{id}'; history keeps finished ones for the time of History:Expiration");

    /// <summary>One page. It takes <see cref="CallsOfPage"/> storage calls at most, and one more for each further 1,000 live jobs, all of which stand on the first page.</summary>
    /// <param name="query">Which jobs.</param>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Answer<JobPage>> PageAsync(JobListQuery query, string? from, AllowedNamespaces within, CancellationToken cancellation)
    {
        var read = JobFilter.Of(query, within);
        if (read.Refusal is { } refusal)
        {
            return refusal;
        }

        var filter = read.Value!;
        string? token = null;
        if (!string.IsNullOrEmpty(from) && !PageToken.TryDecode(from, filter.Rows, out token))
        {
            return new Refusal(RefusalCodes.NextInvalid, "'next' is not what a page of this list answered; leave it out to begin anew");
        }

        var live = token is null ? await jobs.AllAsync(filter: null, cancellation).ConfigureAwait(false) : [];
        var views = new List<JobView>();
        foreach (var job in live.Where(filter.Matches).OrderByDescending(j => j.Id, StringComparer.Ordinal))
        {
            views.Add(await ViewAsync(job, cancellation).ConfigureAwait(false));
        }

        if (!filter.MayBeFinished)
        {
            return new JobPage(views, null);
        }

        var ids = live.Select(j => j.Id).ToHashSet();
        var left = PageSize;
        for (var call = token is null ? 1 : 0; call < CallsOfPage && left > 0; call++)
        {
            (var finished, token) = await history.PageAsync(filter.Rows, left, token, cancellation).ConfigureAwait(false);
            views.AddRange(finished.Where(f => !ids.Contains(f.Job.Id)).Select(f => JobView.Of(f, withLog: false)));
            left -= finished.Count;
            if (token is null)
            {
                break;
            }
        }

        return new JobPage(views, token is null ? null : PageToken.Encode(token, filter.Rows));
    }

    // A job that no worker could take says so at once, not only when it has waited too long.
    private async Task<JobView> ViewAsync(Job job, CancellationToken cancellation)
    {
        var view = JobView.Of(job);
        return job is { State: JobState.Queued, IsRouted: true } && await workers.WhyNoneAsync(job.ForWorker, job.ForLabels, job.Namespace, cancellation).ConfigureAwait(false) is { } why
            ? view with { Reason = view.Reason is null ? why : $"{view.Reason}; {why}" }
            : view;
    }
}

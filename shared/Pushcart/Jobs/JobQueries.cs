using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, newest first; live ones stand before finished ones.</param>
/// <param name="Next">Opaque; asks for the next page. Null at the end.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, string? Next);

/// <summary>Reads jobs, live and finished.</summary>
public sealed class JobQueries(JobStore jobs, History history)
{
    /// <summary>Finished jobs in one page.</summary>
    public const int PageSize = 50;

    private const int SumLength = 8;

    /// <summary>One job, with its log once it is finished; null where there is none.</summary>
    public async Task<JobView?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!JobId.IsValid(id))
        {
            return null;
        }

        // Live first: a job that is archived meanwhile is in history then, never in neither.
        // One that has ended and whose report is still owed is in both, and only history has its log.
        var job = await jobs.FindAsync(id, cancellation).ConfigureAwait(false);
        return job is { State: not JobState.Ended } or { Archived: not true } ? JobView.Of(job)
            : await history.FindAsync(id, cancellation).ConfigureAwait(false) is { } finished ? JobView.Of(finished, withLog: true)
            : null;
    }

    /// <summary>One page.</summary>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <returns>The page; null where <paramref name="from"/> is not one of ours.</returns>
    public async Task<JobPage?> PageAsync(string? from, CancellationToken cancellation)
    {
        string? token = null;
        if (!string.IsNullOrEmpty(from) && !TryDecode(from, out token))
        {
            return null;
        }

        var live = token is null ? await jobs.AllAsync(filter: null, cancellation).ConfigureAwait(false) : [];
        var (finished, next) = await history.PageAsync(PageSize, token, cancellation).ConfigureAwait(false);
        var ids = live.Select(j => j.Id).ToHashSet();
        return new(
            [
                .. live.OrderByDescending(j => j.Id, StringComparer.Ordinal).Select(JobView.Of),
                .. finished.Where(f => !ids.Contains(f.Job.Id)).Select(f => JobView.Of(f, withLog: false)),
            ],
            next is null ? null : Encode(next));
    }

    // The sum tells what a page answered from what was made up or cut off, to which storage gives any answer, from an empty page to an error.
    private static string Encode(string token)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        return Convert.ToHexStringLower(bytes) + Sum(bytes);
    }

    private static bool TryDecode(string from, out string? token)
    {
        token = null;
        if (from.Length is <= SumLength or > 2_000 || from.Length % 2 != 0 || !from.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        var bytes = Convert.FromHexString(from[..^SumLength]);
        token = Encoding.UTF8.GetString(bytes);
        return from[^SumLength..] == Sum(bytes);
    }

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..SumLength];
}

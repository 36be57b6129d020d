using System.Globalization;
using System.Net;
using Pushcart.Jobs;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Bench;

/// <summary>What the check of a token adds to a request, and what a page of jobs costs when history is long.</summary>
internal static class ApiBench
{
    private const int Requests = 1_000;
    private const int Finished = 200_000;
    private const int Days = 30;
    private static readonly JobListQuery s_all = new(null, null, null, null, null, null);

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite) => [.. await TokenAsync(azurite), .. await PageAsync(azurite)];

    private static async Task<IReadOnlyList<Measure>> TokenAsync(AzuriteFixture azurite)
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        // Taken in turns, so that whatever else the machine does meets both. A kind that does not exist is refused before anything is read.
        var (floor, checkedToo) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var n = 0; n < Requests + 100; n++)
        {
            var without = await Measure.TimeAsync(() => GetAsync(host.Anonymous, "healthz/live", HttpStatusCode.OK));
            var with = await Measure.TimeAsync(() => GetAsync(host.Client, "api/resources/None", HttpStatusCode.NotFound));
            if (n >= 100)
            {
                floor.Add(without);
                checkedToo.Add(with);
            }
        }

        return [new("what a token that is known already adds to a request, p50", (Median(checkedToo) - Median(floor)).TotalMilliseconds, 1, "ms")];
    }

    private static async Task<IReadOnlyList<Measure>> PageAsync(AzuriteFixture azurite)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var last = new DateTimeOffset(here.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var each = TimeSpan.FromDays(Days) / Finished;
        await Parallel.ForEachAsync(Enumerable.Range(0, Days), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (day, cancellation) =>
        {
            var first = day * (Finished / Days);
            var count = day == Days - 1 ? Finished - first : Finished / Days;
            await here.History.InsertAsync([.. Enumerable.Range(first, count).Select(n => (Job(last - (each * n), n), (string?)null))], cancellation);
        });

        var queries = here.Process.Get<JobQueries>();
        var traffic = here.Process.Storage;
        var (most, taken) = (0, new List<TimeSpan>());
        foreach (var query in new[] { s_all, new JobListQuery("failed", null, null, null, null, null), new(null, "default/rare", null, null, null, null), new(null, null, null, new string('c', 34) + "199999", null, null) })
        {
            string? next = null;
            for (var page = 0; page < 3; page++)
            {
                traffic.Clear();
                JobPage? answer = null;
                var time = await Measure.TimeAsync(async () => answer = (await queries.PageAsync(query, next, AllowedNamespaces.All, CancellationToken.None)).Value);
                most = Math.Max(most, traffic.Operations.Count);
                next = answer!.Next;
                if (query == s_all)
                {
                    taken.Add(time);
                    if (answer.Jobs.Count != JobQueries.PageSize || next is null)
                    {
                        throw new InvalidOperationException($"a page of {answer.Jobs.Count}: the bench does not measure what it says");
                    }
                }
                else if (next is null)
                {
                    break;
                }
            }
        }

        // The floor: as many rows, by one query of history alone.
        var floor = await Measure.TimeAsync(() => here.History.PageAsync(JobQueries.PageSize, null, CancellationToken.None));
        return
        [
            new($"storage calls of a page of {JobQueries.PageSize} from {Finished:N0} finished jobs, of any filter, at most", most, JobQueries.CallsOfPage, "calls"),
            new("the slowest of three pages without a filter, as a ratio to a query of as many rows", taken.Max() / floor, 4, "times"),
        ];
    }

    private static Job Job(DateTimeOffset submitted, int number)
    {
        var id = JobId.New(submitted, Chance.System);
        return new()
        {
            Id = id,
            SubmittedAt = JobId.SubmittedAt(id),
            WaitingSince = JobId.SubmittedAt(id),
            EndedAt = JobId.SubmittedAt(id),
            State = JobState.Ended,
            Outcome = number % 1_000 == 999 ? JobOutcome.Failed : JobOutcome.Succeeded,
            Namespace = "default",
            TriggerKind = ResourceKind.ScheduleTrigger,
            TriggerName = number % 50_000 == 49_999 ? "rare" : "app",
            SourceKind = ResourceKind.GitRepo,
            SourceName = "app",
            ReferenceType = ReferenceType.Branch,
            ReferenceName = "main",
            Commit = new string('c', 34) + number.ToString("D6", CultureInfo.InvariantCulture),
            Cause = "poll",
            ActionKind = ResourceKind.Action,
            ActionName = "app",
        };
    }

    private static async Task GetAsync(HttpClient client, string path, HttpStatusCode expected)
    {
        using var answer = await client.GetAsync(path);
        if (answer.StatusCode != expected)
        {
            throw new InvalidOperationException($"{path} was answered {answer.StatusCode}: the bench does not measure what it says");
        }
    }

    private static TimeSpan Median(List<TimeSpan> taken) => taken.Order().ElementAt(taken.Count / 2);
}

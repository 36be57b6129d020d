using System.Net;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Storage;

/// <summary>The queries that docs/operating.md shows for the Azure CLI find what they say, in tables that a real host has written.</summary>
[Collection("azurite")]
public sealed partial class DocumentedFiltersTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Each_query_of_the_documentation_finds_rows_and_its_columns_are_there()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        app.Place.Settings["AzureFunctionsJobHost__extensions__queues__maxDequeueCount"] = "1";
        var host = await app.Place.StartLiveAsync();
        await FillAsync(app, host);

        var queries = Queries().Matches(await File.ReadAllTextAsync(Path.Combine(ProjectFolder.Path, "docs", "operating.md")));
        Assert.Equal(7, queries.Count);
        foreach (Match query in queries)
        {
            var table = query.Groups["table"].Value;
            var client = new TableClient(azurite.ConnectionString, app.Place.Prefix + table);

            // The past instead of the future of the example.
            var filter = query.Groups["filter"].Value.Replace("2030-01-31", "2020-01-31", StringComparison.Ordinal);
            await Eventually.TrueAsync(async () => await client.QueryAsync<TableEntity>(filter, maxPerPage: 100).GetAsyncEnumerator().MoveNextAsync(), $"{table}: {filter} finds a row", 40);
            var columns = (await app.Place.RowsAsync(table)).SelectMany(row => row.Keys).ToHashSet();
            Assert.All(query.Groups["select"].Value.Split(' '), column => Assert.Contains(column, columns));
        }
    }

    // A job that failed, one at work in the only slot, one that waits for it; a source that fails, and the check that is owed to it; a dead letter.
    private async Task FillAsync(WatchedApp app, HostProcess host)
    {
        const string settings = "apiVersion: pushcart.dev/v1\nkind: Settings\nmetadata: {name: default}\nspec: {maxRunningJobs: 1}";
        var (status, applied) = await host.Client.SendAsync(HttpMethod.Post, "api/apply", $"{settings}\n---\n{Watching(app.Uri, "exit 1")}\n---\n{Action("sleep 100", "slow")}");
        Assert.True(status == HttpStatusCode.OK, applied.ToString());
        await Eventually.TrueAsync(async () => (await app.Place.HistoryAsync()).Count == 1, "the job has failed", 40);
        await host.Client.SendAsync(HttpMethod.Post, "api/apply", Watching(app.Uri + "-away", "true", name: "away"));
        for (var i = 0; i < 2; i++)
        {
            (status, applied) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", """{"action": {"name": "slow"}, "source": {"name": "app"}}""");
            Assert.True(status == HttpStatusCode.Created, applied.ToString());
        }

        await new QueueClient(azurite.ConnectionString, app.Place.Prefix + QueueNames.Jobs).SendMessageAsync("no job");
    }

    [GeneratedRegex("""az storage entity query --table-name pushcart(?<table>\w+) --select (?<select>[\w ]+?) \\\n\s+--filter "(?<filter>[^"]+)["]""")]
    private static partial Regex Queries();
}

using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class QueryTests(AzuriteFixture azurite) : TableTest(azurite)
{
    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        await FillAsync(25);
        var sizes = new List<int>();
        var keys = new List<string>();
        await foreach (var page in Table.QueryAsync<TableEntity>(maxPerPage: 10).AsPages())
        {
            sizes.Add(page.Values.Count);
            keys.AddRange(page.Values.Select(row => row.RowKey));
        }

        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(Enumerable.Range(0, 25).Select(Number), keys);
    }

    [Fact]
    public async Task A_query_goes_on_where_another_stopped()
    {
        await FillAsync(7);
        var pages = Table.QueryAsync<TableEntity>();
        string? token = null;
        await foreach (var page in pages.AsPages(pageSizeHint: 3))
        {
            token = page.ContinuationToken;
            break;
        }

        var rest = new List<string>();
        await foreach (var page in pages.AsPages(token))
        {
            rest.AddRange(page.Values.Select(row => row.RowKey));
        }

        Assert.Equal(Enumerable.Range(3, 4).Select(Number), rest);
    }

    [Fact]
    public async Task A_thousand_rows_and_more_are_all_listed()
    {
        for (var batch = 0; batch < 11; batch++)
        {
            await FillAsync(100, batch * 100);
        }

        Assert.Equal(1100, (await KeysAsync("PartitionKey eq 'p'")).Count);
    }

    [Fact]
    public async Task Only_what_is_selected_comes_back()
    {
        await Table.AddEntityAsync(Row("r", ("A", 1), ("B", 2)));
        await foreach (var row in Table.QueryAsync<TableEntity>(select: ["RowKey", "A"]))
        {
            Assert.Equal(("r", 1, null), (row.RowKey, row.GetInt32("A"), row.GetInt32("B")));
        }

        var read = (await Table.GetEntityAsync<TableEntity>("p", "r", ["B"])).Value;
        Assert.Equal((null, 2), (read.GetInt32("A"), read.GetInt32("B")));
    }

    [Fact]
    public async Task A_filter_compares_values_by_their_type()
    {
        var due = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await Table.AddEntityAsync(Row("job|1", ("Due", due), ("N", 1L), ("Open", true), ("Text", "o'brien")));
        await Table.AddEntityAsync(Row("job|2", ("Due", due.AddDays(1)), ("N", 2L), ("Open", false), ("Text", "other")));
        await Table.AddEntityAsync(Row("slot|1", ("Due", due), ("N", 1L), ("Open", true), ("Text", "o'brien")));

        Assert.Equal(["job|1", "job|2"], await KeysAsync(TableClient.CreateQueryFilter($"PartitionKey eq {"p"} and RowKey ge {"job|"} and RowKey lt {"job}"}")));
        Assert.Equal(["job|2"], await KeysAsync(TableClient.CreateQueryFilter($"Due gt {due}")));
        Assert.Equal(["job|2"], await KeysAsync(TableClient.CreateQueryFilter($"N gt {1L} and Open eq {false}")));
        Assert.Equal(["job|1", "slot|1"], await KeysAsync(TableClient.CreateQueryFilter($"Text eq {"o'brien"}")));
        Assert.Equal(["job|1"], await KeysAsync(TableClient.CreateQueryFilter<TableEntity>(row => row.RowKey == "job|1" && row.PartitionKey != "q")));
    }

    private async Task FillAsync(int count, int from = 0) => await Table.SubmitTransactionAsync(
        Enumerable.Range(from, count).Select(n => new TableTransactionAction(TableTransactionActionType.Add, Row(Number(n), ("N", n)))));
}

using Azure;
using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class TransactionTests(AzuriteFixture azurite) : TableTest(azurite)
{
    [Fact]
    public async Task Every_change_is_done_and_answered_with_its_own_version()
    {
        var replaced = (await Table.AddEntityAsync(Row("replaced", ("A", 1)))).Headers.ETag!.Value;
        var deleted = (await Table.AddEntityAsync(Row("deleted"))).Headers.ETag!.Value;
        var answer = await Table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, Row("added", ("Text", "naïve ☃ \"quoted\" {x}"))),
            new(TableTransactionActionType.UpdateReplace, Row("replaced", ("B", 2)), replaced),
            new(TableTransactionActionType.UpsertMerge, Row("upserted", ("C", 3))),
            new(TableTransactionActionType.Delete, Row("deleted"), deleted),
        ]);

        Assert.Equal([204, 204, 204, 204], answer.Value.Select(part => part.Status));
        foreach (var (row, index) in new[] { ("added", 0), ("replaced", 1), ("upserted", 2) })
        {
            Assert.Equal(answer.Value[index].Headers.ETag, (await Table.GetEntityAsync<TableEntity>("p", row)).Value.ETag);
        }

        Assert.Equal("naïve ☃ \"quoted\" {x}", (await Table.GetEntityAsync<TableEntity>("p", "added")).Value.GetString("Text"));
        Assert.Equal(["added", "replaced", "upserted"], await KeysAsync());
    }

    [Fact]
    public async Task A_version_that_is_gone_fails_the_whole_and_is_named()
    {
        var first = (await Table.AddEntityAsync(Row("r"))).Headers.ETag!.Value;
        await Table.UpdateEntityAsync(Row("r", ("N", 1)), first);
        var failed = await FailAsync(
            new(TableTransactionActionType.Add, Row("a")), new(TableTransactionActionType.Add, Row("b")), new(TableTransactionActionType.UpdateMerge, Row("r"), first));

        Assert.Equal((412, 2), (failed.Status, failed.FailedTransactionActionIndex));
        Assert.Equal("UpdateConditionNotSatisfied", failed.ErrorCode);
        Assert.Equal(["r"], await KeysAsync());
    }

    [Fact]
    public async Task An_insert_of_what_is_there_fails_the_whole_and_is_named()
    {
        await Table.AddEntityAsync(Row("r"));
        var failed = await FailAsync(new(TableTransactionActionType.Add, Row("a")), new(TableTransactionActionType.Add, Row("r")));

        Assert.Equal((409, 1), (failed.Status, failed.FailedTransactionActionIndex));
        Assert.Equal("EntityAlreadyExists", failed.ErrorCode);
        Assert.Equal(["r"], await KeysAsync());
    }

    [Fact]
    public async Task A_delete_of_what_is_not_there_fails_the_whole_and_is_named()
    {
        var etag = (await Table.AddEntityAsync(Row("gone"))).Headers.ETag!.Value;
        await Table.DeleteEntityAsync("p", "gone");
        var failed = await FailAsync(new(TableTransactionActionType.Add, Row("a")), new(TableTransactionActionType.Delete, Row("gone"), etag));

        Assert.Equal((404, 1), (failed.Status, failed.FailedTransactionActionIndex));
        Assert.Equal("ResourceNotFound", failed.ErrorCode);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_hundred_changes_fit()
    {
        var answer = await Table.SubmitTransactionAsync(Enumerable.Range(0, 100).Select(n => new TableTransactionAction(TableTransactionActionType.Add, Row(Number(n), ("N", n)))));

        Assert.Equal(100, answer.Value.Select(part => part.Headers.ETag).OfType<ETag>().Count());
        Assert.Equal(100, (await KeysAsync()).Count);
    }

    [Fact]
    public async Task A_transaction_of_three_megabytes_goes_through()
    {
        var text = new string('x', 30_000);
        await Table.SubmitTransactionAsync(Enumerable.Range(0, 95).Select(n => new TableTransactionAction(TableTransactionActionType.Add, Row(Number(n), ("Text", text)))));

        Assert.Equal(95, (await KeysAsync()).Count);
        Assert.Equal(text, (await Table.GetEntityAsync<TableEntity>("p", Number(94))).Value.GetString("Text"));
    }

    private Task<TableTransactionFailedException> FailAsync(params TableTransactionAction[] actions) =>
        Assert.ThrowsAsync<TableTransactionFailedException>(() => Table.SubmitTransactionAsync(actions));
}

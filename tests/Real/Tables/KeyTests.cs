using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class KeyTests(AzuriteFixture azurite) : TableTest(azurite)
{
    public static TheoryData<string> Keys => new(
        "job|01hxyz", "slot|group:default:build|03", "o'brien", "''", "naïve ☃ 日本", "😀", "100%", "%7C", "%25", "a b+c", "a&b=c", "{json}", "a,b", "(x)", "$;@!*~", "\"q\"", "[1]", "..", "");

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_is_found_again_by_every_call(string key)
    {
        var added = await Table.AddEntityAsync(new TableEntity(key, key) { ["N"] = 1 });
        var updated = await Table.UpdateEntityAsync(new TableEntity(key, key) { ["N"] = 2 }, added.Headers.ETag!.Value);
        var read = (await Table.GetEntityAsync<TableEntity>(key, key)).Value;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {key} and RowKey ge {key}");
        var listed = new List<TableEntity>();
        await foreach (var row in Table.QueryAsync<TableEntity>(filter))
        {
            listed.Add(row);
        }

        Assert.Equal((key, key, 2), (read.PartitionKey, read.RowKey, read.GetInt32("N")));
        Assert.Equal(key, Assert.Single(listed).RowKey);
        Assert.Equal(204, (await Table.DeleteEntityAsync(key, key, updated.Headers.ETag!.Value)).Status);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_key_is_found_again_by_every_change_of_a_transaction(string key)
    {
        var added = await Table.SubmitTransactionAsync([new(TableTransactionActionType.Add, new TableEntity(key, key) { ["N"] = 1 })]);
        var merged = await Table.SubmitTransactionAsync(
            [new(TableTransactionActionType.UpdateMerge, new TableEntity(key, key) { ["N"] = 2 }, added.Value[0].Headers.ETag!.Value)]);
        var replaced = await Table.SubmitTransactionAsync(
            [new(TableTransactionActionType.UpdateReplace, new TableEntity(key, key) { ["N"] = 3 }, merged.Value[0].Headers.ETag!.Value)]);
        var read = (await Table.GetEntityAsync<TableEntity>(key, key)).Value;
        await Table.SubmitTransactionAsync([new(TableTransactionActionType.Delete, read, replaced.Value[0].Headers.ETag!.Value)]);

        Assert.Equal((key, key, 3), (read.PartitionKey, read.RowKey, read.GetInt32("N")));
        Assert.False((await Table.GetEntityIfExistsAsync<TableEntity>(key, key)).HasValue);
    }
}

using Azure;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Xunit;

namespace Pushcart.Tests.Support;

/// <summary>
/// The rules of the Table and Queue services that Pushcart leans on. The services of the simulation and Azurite pass the same suite: what the simulation proves
/// holds only as far as its services are like the real ones.
/// </summary>
public abstract class StorageContract
{
    private TableClient _table = null!;

    /// <summary>A table that is there and empty.</summary>
    protected abstract Task<TableClient> NewTableAsync();

    /// <summary>A queue that is there and empty.</summary>
    protected abstract Task<QueueClient> NewQueueAsync();

    [Fact]
    public async Task A_row_is_inserted_once_and_read_as_it_was_written()
    {
        _table = await NewTableAsync();
        var row = Row("a|1", ("text", "it's"), ("number", 3), ("large", 4L), ("truth", true), ("time", DateTimeOffset.UnixEpoch), ("bytes", new byte[] { 1, 2 }));

        var inserted = (await _table.AddEntityAsync(row)).Headers.ETag;
        var again = await Assert.ThrowsAsync<RequestFailedException>(() => _table.AddEntityAsync(row));

        Assert.Equal((409, "EntityAlreadyExists"), (again.Status, again.ErrorCode));
        var read = (await _table.GetEntityIfExistsAsync<TableEntity>("p", "a|1")).Value!;
        Assert.Equal(inserted, read.ETag);
        Assert.Equal(("it's", 3, 4L, true), (read.GetString("text"), read.GetInt32("number"), read.GetInt64("large"), read.GetBoolean("truth")));
        Assert.Equal(DateTimeOffset.UnixEpoch, read.GetDateTimeOffset("time"));
        Assert.Equal(new byte[] { 1, 2 }, read.GetBinary("bytes"));
        Assert.False((await _table.GetEntityIfExistsAsync<TableEntity>("p", "b")).HasValue);
    }

    [Fact]
    public async Task A_merge_keeps_what_it_does_not_name_and_a_replace_does_not()
    {
        _table = await NewTableAsync();
        var first = (await _table.AddEntityAsync(Row("r", ("a", 1), ("b", 2)))).Headers.ETag!.Value;

        var second = (await _table.UpdateEntityAsync(Row("r", ("a", 3)), first, TableUpdateMode.Merge)).Headers.ETag!.Value;
        var merged = (await _table.GetEntityAsync<TableEntity>("p", "r")).Value;
        await _table.UpdateEntityAsync(Row("r", ("a", 4)), second, TableUpdateMode.Replace);
        var replaced = (await _table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal((3, 2), (merged.GetInt32("a"), merged.GetInt32("b")));
        Assert.Equal((4, null), (replaced.GetInt32("a"), replaced.GetInt32("b")));
    }

    [Fact]
    public async Task A_change_of_another_version_or_of_nothing_is_refused()
    {
        _table = await NewTableAsync();
        var first = (await _table.AddEntityAsync(Row("r", ("a", 1)))).Headers.ETag!.Value;
        await _table.UpdateEntityAsync(Row("r", ("a", 2)), first);

        var changed = await Assert.ThrowsAsync<RequestFailedException>(() => _table.UpdateEntityAsync(Row("r", ("a", 3)), first));
        var deleted = await Assert.ThrowsAsync<RequestFailedException>(() => _table.DeleteEntityAsync("p", "r", first));
        var missing = await Assert.ThrowsAsync<RequestFailedException>(() => _table.UpdateEntityAsync(Row("other", ("a", 3)), first));

        Assert.Equal((412, "UpdateConditionNotSatisfied"), (changed.Status, changed.ErrorCode));
        Assert.Equal(412, deleted.Status);
        Assert.Equal((404, "ResourceNotFound"), (missing.Status, missing.ErrorCode));
        Assert.Equal(404, (await _table.DeleteEntityAsync("p", "other", first)).Status);
    }

    [Fact]
    public async Task A_transaction_is_applied_whole_with_a_version_for_each_row()
    {
        _table = await NewTableAsync();
        var there = (await _table.AddEntityAsync(Row("there", ("a", 1)))).Headers.ETag!.Value;
        var gone = (await _table.AddEntityAsync(Row("gone"))).Headers.ETag!.Value;

        var answer = (await _table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.Add, Row("new")),
            new(TableTransactionActionType.UpdateMerge, Row("there", ("b", 2)), there),
            new(TableTransactionActionType.Delete, Row("gone"), gone),
        ])).Value;

        Assert.Equal((await _table.GetEntityAsync<TableEntity>("p", "new")).Value.ETag, answer[0].Headers.ETag);
        Assert.Equal((await _table.GetEntityAsync<TableEntity>("p", "there")).Value.ETag, answer[1].Headers.ETag);
        Assert.Equal(["new", "there"], await KeysAsync("PartitionKey eq 'p'"));
    }

    [Theory]
    [InlineData(TableTransactionActionType.Add, "there", 409)]
    [InlineData(TableTransactionActionType.UpdateMerge, "there", 412)]
    [InlineData(TableTransactionActionType.Delete, "missing", 404)]
    public async Task A_transaction_with_one_refused_change_changes_nothing_and_names_it(TableTransactionActionType type, string key, int status)
    {
        _table = await NewTableAsync();
        var old = (await _table.AddEntityAsync(Row("there", ("a", 1)))).Headers.ETag!.Value;
        await _table.UpdateEntityAsync(Row("there", ("a", 2)), old);

        var refused = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => _table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("new")), new(type, Row(key), old)]));

        Assert.Equal((status, 1), (refused.Status, refused.FailedTransactionActionIndex));
        Assert.Equal(["there"], await KeysAsync("PartitionKey eq 'p'"));
    }

    [Theory]
    [InlineData("PartitionKey eq 'p' and RowKey ge 'job|' and RowKey lt 'job}'", "job|1 job|2 job|3")]
    [InlineData("PartitionKey eq 'p' and RowKey ge 'job|' and RowKey lt 'job}' and (state ne 'ended')", "job|1 job|3")]
    [InlineData("n lt 3 and (state eq 'ended' or state eq 'queued')", "job|1 job|2")]
    [InlineData("at ge datetime'1970-01-03T00:00:00.0000000Z'", "job|3")]
    [InlineData("missing ne 'x'", "")]
    [InlineData("name eq 'it''s'", "task|1")]
    public async Task A_filter_selects_rows_in_the_order_of_their_keys(string filter, string keys)
    {
        _table = await NewTableAsync();
        await _table.AddEntityAsync(Row("task|1", ("name", "it's")));
        await _table.AddEntityAsync(Row("job|3", ("n", 3), ("state", "queued"), ("at", DateTimeOffset.UnixEpoch.AddDays(3))));
        await _table.AddEntityAsync(Row("job|1", ("n", 1), ("state", "queued"), ("at", DateTimeOffset.UnixEpoch.AddDays(1))));
        await _table.AddEntityAsync(Row("job|2", ("n", 2), ("state", "ended")));

        Assert.Equal(keys, string.Join(' ', await KeysAsync(filter)));
    }

    [Fact]
    public async Task A_query_goes_on_page_after_page_and_reads_what_is_selected_with_its_version()
    {
        _table = await NewTableAsync();
        for (var i = 0; i < 5; i++)
        {
            await _table.AddEntityAsync(Row($"r{i}", ("a", i), ("b", i)));
        }

        var rows = new List<TableEntity>();
        await foreach (var page in _table.QueryAsync<TableEntity>("PartitionKey eq 'p'", 2, ["RowKey", "a"]).AsPages())
        {
            Assert.True(page.Values.Count <= 2);
            rows.AddRange(page.Values);
        }

        Assert.Equal(["r0", "r1", "r2", "r3", "r4"], rows.Select(r => r.RowKey));
        Assert.All(rows, row => Assert.Equal((row.RowKey, true, false), ($"r{row.GetInt32("a")}", row.ETag != default, row.ContainsKey("b"))));
    }

    [Fact]
    public async Task A_message_is_hidden_when_it_is_received_and_only_the_last_receipt_deletes_it()
    {
        var queue = await NewQueueAsync();
        await queue.SendMessageAsync("one <&> \"two\"");
        await queue.SendMessageAsync("later", TimeSpan.FromMinutes(5), TimeSpan.FromDays(1));

        var message = Assert.Single((await queue.ReceiveMessagesAsync(10, TimeSpan.FromMinutes(1))).Value);
        Assert.Empty((await queue.ReceiveMessagesAsync(10, TimeSpan.FromMinutes(1))).Value);
        Assert.Equal(2, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
        await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, messageText: null, TimeSpan.Zero);
        var again = Assert.Single((await queue.ReceiveMessagesAsync(10, TimeSpan.FromMinutes(1))).Value);
        var stale = await Assert.ThrowsAsync<RequestFailedException>(() => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt));
        await queue.DeleteMessageAsync(again.MessageId, again.PopReceipt);

        Assert.Equal(("one <&> \"two\"", 1L, 2L), (message.MessageText, message.DequeueCount, again.DequeueCount));
        Assert.InRange(stale.Status, 400, 404);
        Assert.Equal(1, (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    private async Task<List<string>> KeysAsync(string filter)
    {
        var keys = new List<string>();
        await foreach (var row in _table.QueryAsync<TableEntity>(filter))
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }

    private static TableEntity Row(string key, params (string Name, object Value)[] cells)
    {
        var row = new TableEntity("p", key);
        foreach (var (name, value) in cells)
        {
            row[name] = value;
        }

        return row;
    }
}

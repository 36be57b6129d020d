using Azure;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

/// <summary>What the service refuses is refused before it is sent. At each limit, the last value that is taken and the first that is not.</summary>
public sealed class LimitsTests
{
    private readonly FakeService service = new();

    [Fact]
    public Task A_text_holds_64_KiB_of_UTF16() => BoundAsync(
        Row(("V", new string('ä', 32_768))), Row(("V", new string('ä', 32_769))), "PropertyValueTooLarge");

    [Fact]
    public Task Bytes_hold_64_KiB() => BoundAsync(Row(("V", new byte[65_536])), Row(("V", new byte[65_537])), "PropertyValueTooLarge");

    [Fact]
    public Task Binary_data_holds_64_KiB() => BoundAsync(
        Row(("V", BinaryData.FromBytes(new byte[65_536]))), Row(("V", BinaryData.FromBytes(new byte[65_537]))), "PropertyValueTooLarge");

    [Fact]
    public Task An_entity_holds_252_properties() => BoundAsync(Row(Many(252, "x")), Row(Many(253, "x")), "TooManyProperties");

    [Fact]
    public Task An_entity_holds_1_MiB() => BoundAsync(Row(Many(15, new string('x', 32_768))), Row(Many(16, new string('x', 32_768))), "EntityTooLarge");

    [Fact]
    public Task A_name_holds_255_characters() => BoundAsync(Row((new string('n', 255), 1)), Row((new string('n', 256), 1)), "PropertyNameTooLong");

    [Fact]
    public Task A_name_is_an_identifier() => BoundAsync(Row(("_Größe2", 1)), Row(("last-used", 1)), "PropertyNameInvalid");

    [Fact]
    public Task An_instant_is_after_1600() => BoundAsync(
        Row(("V", new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero))), Row(("V", DateTimeOffset.MinValue)), "OutOfRangeInput");

    [Fact]
    public Task A_key_holds_1024_characters() => BoundAsync(
        new TableEntity(new string('k', 1024), new string('k', 1024)), new TableEntity("p", new string('k', 1025)), "PropertyValueTooLarge");

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    public async Task A_key_holds_no_forbidden_character_in_any_call(string key)
    {
        foreach (var call in (Func<Task>[])[
            () => service.Table.AddEntityAsync(new TableEntity(key, "r")),
            () => service.Table.AddEntityAsync(new TableEntity("p", key)),
            () => service.Table.UpdateEntityAsync(new TableEntity("p", key), ETag.All),
            () => service.Table.UpsertEntityAsync(new TableEntity("p", key)),
            () => service.Table.DeleteEntityAsync("p", key),
            () => service.Table.GetEntityAsync<TableEntity>("p", key),
            () => service.Table.GetEntityIfExistsAsync<TableEntity>("p", key),
            () => service.Table.SubmitTransactionAsync([new(TableTransactionActionType.Delete, new TableEntity("p", key))])])
        {
            var failed = await Assert.ThrowsAnyAsync<RequestFailedException>(call);
            Assert.Equal((400, "OutOfRangeInput"), (failed.Status, failed.ErrorCode));
        }

        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_local_time_is_no_instant()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => service.Table.AddEntityAsync(Row(("V", new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Local)))));
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task An_update_names_a_version() =>
        await Assert.ThrowsAsync<ArgumentException>("ifMatch", () => service.Table.UpdateEntityAsync(Row(), default));

    [Fact]
    public Task A_transaction_holds_100_changes() => RefusedAsync(99, "InvalidInput", [.. Enumerable.Range(0, 101).Select(n => Add("p", $"r{n}"))]);

    [Fact]
    public Task A_transaction_acts_on_one_partition() => RefusedAsync(2, "CommandsInBatchActOnDifferentPartitions", Add("p", "a"), Add("p", "b"), Add("q", "c"));

    [Fact]
    public Task A_transaction_names_an_entity_once() => RefusedAsync(
        1, "InvalidDuplicateRow", Add("p", "a"), new(TableTransactionActionType.Delete, new TableEntity("p", "a")));

    [Fact]
    public Task A_transaction_names_the_entity_that_is_too_large() => RefusedAsync(
        1, "PropertyValueTooLarge", Add("p", "a"), new(TableTransactionActionType.Add, Row(("V", new byte[65_537]))));

    [Fact]
    public async Task A_transaction_holds_4_MiB()
    {
        var text = new string('x', 32_768);
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => service.Table.SubmitTransactionAsync(
            Enumerable.Range(0, 10).Select(n => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Row(Many(13, text))) { RowKey = $"r{n}" }))));

        Assert.Equal((413, "RequestBodyTooLarge"), (failed.Status, failed.ErrorCode));
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_transaction_holds_something() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => service.Table.SubmitTransactionAsync([]));

    private static TableTransactionAction Add(string partitionKey, string rowKey) => new(TableTransactionActionType.Add, new TableEntity(partitionKey, rowKey));

    private static TableEntity Row(params (string Name, object Value)[] values) =>
        new(values.ToDictionary(value => value.Name, value => value.Value)) { PartitionKey = "p", RowKey = "r" };

    private static (string Name, object Value)[] Many(int count, object value) => [.. Enumerable.Range(0, count).Select(n => ($"P{n}", value))];

    private async Task BoundAsync(TableEntity taken, TableEntity refused, string code)
    {
        await service.Table.AddEntityAsync(taken);
        Assert.Single(service.Requests);
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => service.Table.AddEntityAsync(refused));
        Assert.Equal((400, code), (failed.Status, failed.ErrorCode));
        Assert.Single(service.Requests);
    }

    private async Task RefusedAsync(int index, string code, params TableTransactionAction[] actions)
    {
        var failed = await Assert.ThrowsAsync<TableTransactionFailedException>(() => service.Table.SubmitTransactionAsync(actions));
        Assert.Equal((400, code, index), (failed.Status, failed.ErrorCode, failed.FailedTransactionActionIndex));
        Assert.Empty(service.Requests);
    }
}

using Azure;
using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class EntityTests(AzuriteFixture azurite) : TableTest(azurite)
{
    [Fact]
    public async Task An_insert_answers_without_an_echo_and_with_the_version_that_a_read_shows()
    {
        var added = await Table.AddEntityAsync(Row("r", ("State", "queued")));
        var read = await Table.GetEntityAsync<TableEntity>("p", "r");

        Assert.Equal(204, added.Status);
        Assert.NotNull(added.Headers.ETag);
        Assert.Equal(added.Headers.ETag, read.Value.ETag);
        Assert.Equal("queued", read.Value.GetString("State"));
        Assert.NotNull(read.Value.Timestamp);
    }

    [Fact]
    public async Task An_insert_of_what_is_there_is_refused()
    {
        await Table.AddEntityAsync(Row("r"));
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Table.AddEntityAsync(Row("r")));

        Assert.Equal(409, failed.Status);
        Assert.Equal("EntityAlreadyExists", failed.ErrorCode);
    }

    [Fact]
    public async Task An_update_of_a_version_that_is_gone_is_refused_and_changes_nothing()
    {
        var first = (await Table.AddEntityAsync(Row("r", ("N", 1)))).Headers.ETag!.Value;
        await Table.UpdateEntityAsync(Row("r", ("N", 2)), first);
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Table.UpdateEntityAsync(Row("r", ("N", 3)), first));

        Assert.Equal(412, failed.Status);
        Assert.Equal("UpdateConditionNotSatisfied", failed.ErrorCode);
        Assert.Equal(2, (await Table.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt32("N"));
    }

    [Theory]
    [InlineData(TableUpdateMode.Merge, "old")]
    [InlineData(TableUpdateMode.Replace, null)]
    public async Task A_merge_keeps_what_it_does_not_name_and_a_replace_does_not(TableUpdateMode mode, string? kept)
    {
        var added = await Table.AddEntityAsync(Row("r", ("A", "old"), ("B", "old")));
        var updated = await Table.UpdateEntityAsync(Row("r", ("B", "new")), added.Headers.ETag!.Value, mode);
        var read = (await Table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal(kept, read.GetString("A"));
        Assert.Equal("new", read.GetString("B"));
        Assert.Equal(updated.Headers.ETag, read.ETag);
    }

    [Theory]
    [InlineData(TableUpdateMode.Merge)]
    [InlineData(TableUpdateMode.Replace)]
    public async Task An_upsert_inserts_and_then_changes(TableUpdateMode mode)
    {
        await Table.UpsertEntityAsync(Row("r", ("N", 1)), mode);
        await Table.UpsertEntityAsync(Row("r", ("N", 2)), mode);

        Assert.Equal(2, (await Table.GetEntityAsync<TableEntity>("p", "r")).Value.GetInt32("N"));
    }

    [Fact]
    public async Task What_is_not_there_is_an_answer_without_value_and_an_error_where_it_must_be_there()
    {
        var answer = await Table.GetEntityIfExistsAsync<TableEntity>("p", "none");
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Table.GetEntityAsync<TableEntity>("p", "none"));

        Assert.False(answer.HasValue);
        Assert.False(answer.GetRawResponse().IsError);
        Assert.Equal(404, failed.Status);
        Assert.Equal("ResourceNotFound", failed.ErrorCode);
    }

    [Fact]
    public async Task A_delete_names_a_version_and_is_done_once()
    {
        var etag = (await Table.AddEntityAsync(Row("r"))).Headers.ETag!.Value;
        var other = (await Table.UpdateEntityAsync(Row("r", ("N", 1)), etag)).Headers.ETag!.Value;
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Table.DeleteEntityAsync("p", "r", etag));

        Assert.Equal(412, failed.Status);
        Assert.Equal(204, (await Table.DeleteEntityAsync(Row("r"), other)).Status);
        Assert.Equal(404, (await Table.DeleteEntityAsync("p", "r")).Status);
    }

    [Fact]
    public async Task A_table_that_is_not_there_says_so()
    {
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Service.GetTableClient("nosuchtable").AddEntityAsync(Row("r")));

        Assert.Equal(404, failed.Status);
        Assert.Equal("TableNotFound", failed.ErrorCode);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_without_showing_it()
    {
        const string wrong = "d3Jvbmcga2V5IHdyb25nIGtleQ==";
        var client = new TableClient(Service.Uri, Table.Name, new TableSharedKeyCredential("devstoreaccount1", wrong));
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => client.AddEntityAsync(Row("r")));

        Assert.Equal(403, failed.Status);
        Assert.DoesNotContain(wrong, failed.ToString(), StringComparison.Ordinal);
    }
}

using Azure;
using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class TableTests(AzuriteFixture azurite) : TableTest(azurite)
{
    [Fact]
    public async Task A_table_is_created_once()
    {
        var again = await Table.CreateIfNotExistsAsync();
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => Table.CreateAsync());

        Assert.Equal(409, again.GetRawResponse().Status);
        Assert.Equal(Table.Name, again.Value.Name);
        Assert.Equal(409, failed.Status);
        Assert.Equal("TableAlreadyExists", failed.ErrorCode);
    }

    [Fact]
    public async Task A_table_is_deleted_once()
    {
        var name = Table.Name + "x";
        Assert.Equal(204, (await Service.CreateTableAsync(name)).GetRawResponse().Status);
        Assert.Equal(204, (await Service.DeleteTableAsync(name)).Status);
        Assert.Equal(404, (await Service.DeleteTableAsync(name)).Status);
    }

    [Fact]
    public async Task Tables_are_listed_by_filter_and_in_pages()
    {
        string[] names = [Table.Name + "a", Table.Name + "b", Table.Name + "c"];
        foreach (var name in names)
        {
            await Service.CreateTableIfNotExistsAsync(name);
        }

        var filter = TableServiceClient.CreateQueryFilter($"TableName gt {Table.Name} and TableName lt {Table.Name + "d"}");
        var listed = new List<string>();
        await foreach (var page in Service.QueryAsync(filter, maxPerPage: 2).AsPages())
        {
            Assert.True(page.Values.Count <= 2);
            listed.AddRange(page.Values.Select(table => table.Name));
        }

        Assert.Equal(names, listed);
        foreach (var name in names)
        {
            await Service.DeleteTableAsync(name);
        }
    }

    [Fact]
    public void A_client_tells_where_it_is()
    {
        Assert.Equal("devstoreaccount1", Table.AccountName);
        Assert.Equal($"{Service.Uri.AbsoluteUri}/{Table.Name}", Table.Uri.AbsoluteUri);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

/// <summary>A test on a table of its own.</summary>
public abstract class TableTest(AzuriteFixture azurite) : IAsyncLifetime
{
    protected TableServiceClient Service { get; } = new(azurite.ConnectionString);

    protected TableClient Table { get; } = new(azurite.ConnectionString, "t" + RandomNumberGenerator.GetHexString(16, lowercase: true));

    public async Task InitializeAsync() => await Table.CreateAsync();

    public async Task DisposeAsync() => await Table.DeleteAsync();

    protected static TableEntity Row(string rowKey, params (string Name, object Value)[] values)
    {
        var row = new TableEntity("p", rowKey);
        foreach (var (name, value) in values)
        {
            row[name] = value;
        }

        return row;
    }

    protected static string Number(int number) => number.ToString("D4", CultureInfo.InvariantCulture);

    protected async Task<List<string>> KeysAsync(string? filter = null)
    {
        var keys = new List<string>();
        await foreach (var row in Table.QueryAsync<TableEntity>(filter))
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}

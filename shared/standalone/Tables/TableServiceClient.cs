using Azure.Core;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Wire;

namespace Azure.Data.Tables;

/// <summary>The Table service of one account. All clients that come from it share its pipeline. Errors are those of <see cref="TableClient"/>.</summary>
public class TableServiceClient
{
    // Null only in a mock, which overrides what it uses.
    private readonly TableRequests requests = null!;

    /// <summary>The service of the account that <paramref name="connectionString"/> names.</summary>
    /// <exception cref="InvalidOperationException">The connection string cannot be used.</exception>
    public TableServiceClient(string connectionString) : this(connectionString, null)
    {
    }

    /// <summary>The service of the account that <paramref name="connectionString"/> names.</summary>
    /// <exception cref="InvalidOperationException">The connection string cannot be used.</exception>
    public TableServiceClient(string connectionString, TableClientOptions? options = null) => requests = Connect(connectionString, options);

    /// <summary>The service at <paramref name="endpoint"/>.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential) : this(endpoint, credential, null)
    {
    }

    /// <summary>The service at <paramref name="endpoint"/>.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions? options) =>
        requests = new TableRequests(endpoint, credential, options);

    /// <summary>The service at <paramref name="endpoint"/>, https, as an identity.</summary>
    /// <exception cref="ArgumentException">The address is not https.</exception>
    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions? options = null) =>
        requests = new TableRequests(endpoint, tokenCredential, options);

    /// <summary>For mocks.</summary>
    protected TableServiceClient()
    {
    }

    /// <summary>Name of the account.</summary>
    public virtual string AccountName => requests.AccountName;

    /// <summary>Address of the service.</summary>
    public virtual Uri Uri => requests.Endpoint;

    /// <summary>Values put into a filter: quoted and escaped, each by its type.</summary>
    public static string CreateQueryFilter(FormattableString filter) => ODataFilter.Format(filter);

    /// <summary>A client of one table. Nothing is asked.</summary>
    public virtual TableClient GetTableClient(string tableName) => new(tableName, requests);

    /// <summary>Creates a table.</summary>
    public virtual Task<Response<TableItem>> CreateTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).CreateAsync(cancellationToken);

    /// <summary>Creates a table; the answer's status is 409 where it is there already.</summary>
    public virtual Task<Response<TableItem>> CreateTableIfNotExistsAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).CreateIfNotExistsAsync(cancellationToken);

    /// <summary>Deletes a table; the answer's status is 404 where it is not there.</summary>
    public virtual Task<Response> DeleteTableAsync(string tableName, CancellationToken cancellationToken = default) =>
        GetTableClient(tableName).DeleteAsync(cancellationToken);

    /// <summary>The tables that <paramref name="filter"/> selects, blocking.</summary>
    public virtual Pageable<TableItem> Query(string? filter = null, int? maxPerPage = null, CancellationToken cancellationToken = default) =>
        new Pages<TableItem>((continuation, size, cancellation) => requests.Tables(filter, size, continuation, cancellation), maxPerPage, cancellationToken);

    /// <summary>The tables that <paramref name="filter"/> selects, in the order of their names. Nothing is asked before the first is taken.</summary>
    public virtual AsyncPageable<TableItem> QueryAsync(string? filter = null, int? maxPerPage = null, CancellationToken cancellationToken = default) =>
        new AsyncPages<TableItem>((continuation, size, cancellation) => requests.TablesAsync(filter, size, continuation, cancellation), maxPerPage, cancellationToken);

    internal static TableRequests Connect(string connectionString, TableClientOptions? options)
    {
        var connection = ConnectionString.Parse(connectionString);
        return new TableRequests(connection.Endpoint, connection.Credential, options);
    }
}

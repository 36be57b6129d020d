using System.Linq.Expressions;
using System.Text.Json;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Wire;

namespace Azure.Data.Tables;

/// <summary>
/// One table. Every call throws <see cref="RequestFailedException"/> (status and the service's code) where the service answers with an error, and also
/// where it surely would: what breaks a limit of the service is not sent. Only the asynchronous half of the package is here.
/// </summary>
public class TableClient
{
    // Null only in a mock, which overrides what it uses.
    private readonly TableRequests requests = null!;

    /// <summary>A table of the account that <paramref name="connectionString"/> names.</summary>
    /// <exception cref="InvalidOperationException">The connection string cannot be used.</exception>
    public TableClient(string connectionString, string tableName) : this(connectionString, tableName, null)
    {
    }

    /// <summary>A table of the account that <paramref name="connectionString"/> names.</summary>
    /// <exception cref="InvalidOperationException">The connection string cannot be used.</exception>
    public TableClient(string connectionString, string tableName, TableClientOptions? options = null) : this(tableName, TableServiceClient.Connect(connectionString, options))
    {
    }

    /// <summary>A table of the service at <paramref name="endpoint"/>.</summary>
    public TableClient(Uri endpoint, string tableName, TableSharedKeyCredential credential) : this(endpoint, tableName, credential, null)
    {
    }

    /// <summary>A table of the service at <paramref name="endpoint"/>.</summary>
    public TableClient(Uri endpoint, string tableName, TableSharedKeyCredential credential, TableClientOptions? options = null)
        : this(tableName, new TableRequests(endpoint, credential, options))
    {
    }

    internal TableClient(string tableName, TableRequests requests)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        (Name, this.requests) = (tableName, requests);
    }

    /// <summary>For mocks.</summary>
    protected TableClient() => Name = null!;

    /// <summary>Name of the account.</summary>
    public virtual string AccountName => requests.AccountName;

    /// <summary>Name of the table.</summary>
    public virtual string Name { get; }

    /// <summary>Address of the table.</summary>
    public virtual Uri Uri => new($"{requests.Endpoint.AbsoluteUri.TrimEnd('/')}/{Name}");

    /// <summary>Values put into a filter: quoted and escaped, each by its type.</summary>
    public static string CreateQueryFilter(FormattableString filter) => ODataFilter.Format(filter);

    /// <summary>A comparison in C# as a filter.</summary>
    /// <exception cref="NotSupportedException">It holds more than properties, constants, comparisons and logic.</exception>
    public static string? CreateQueryFilter<T>(Expression<Func<T, bool>> filter) => FilterExpression.Format(filter);

    /// <summary>Creates the table.</summary>
    public virtual Task<Response<TableItem>> CreateAsync(CancellationToken cancellationToken = default) =>
        requests.CreateTableAsync(Name, evenIfThere: false, cancellationToken);

    /// <summary>Creates the table; the answer's status is 409 where it is there already.</summary>
    public virtual Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default) =>
        requests.CreateTableAsync(Name, evenIfThere: true, cancellationToken);

    /// <summary>Deletes the table; the answer's status is 404 where it is not there.</summary>
    public virtual Task<Response> DeleteAsync(CancellationToken cancellationToken = default) => requests.DeleteTableAsync(Name, cancellationToken);

    /// <summary>Inserts an entity; its new version is in the answer's headers.</summary>
    public virtual Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default) where T : ITableEntity =>
        ChangeAsync(TableTransactionActionType.Add, entity, default, cancellationToken);

    /// <summary>Reads an entity, or those of its properties that <paramref name="select"/> names.</summary>
    public virtual async Task<Response<T>> GetEntityAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var response = await ReadAsync(partitionKey, rowKey, select, evenIfAbsent: false, cancellationToken);
        return Response.FromValue(EntityOf<T>(response), response);
    }

    /// <summary>As <see cref="GetEntityAsync"/>; an entity that is not there, or whose table is not, is an answer without a value.</summary>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var response = await ReadAsync(partitionKey, rowKey, select, evenIfAbsent: true, cancellationToken);
        return response.Status == 404 ? new NoValue<T>(response) : Response.FromValue(EntityOf<T>(response), response);
    }

    /// <summary>Changes an entity that is of version <paramref name="ifMatch"/>.</summary>
    public virtual Task<Response> UpdateEntityAsync<T>(
        T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity => ifMatch == default
            ? throw new ArgumentException("An update names the version that it saw, or ETag.All.", nameof(ifMatch))
            : ChangeAsync(
                mode == TableUpdateMode.Merge ? TableTransactionActionType.UpdateMerge : TableTransactionActionType.UpdateReplace, entity, ifMatch, cancellationToken);

    /// <summary>Inserts an entity, or changes it whatever its version.</summary>
    public virtual Task<Response> UpsertEntityAsync<T>(
        T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity =>
        ChangeAsync(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpsertMerge : TableTransactionActionType.UpsertReplace, entity, default, cancellationToken);

    /// <summary>Deletes an entity, if a version is given only that; the answer's status is 404 where it is not there.</summary>
    public virtual Task<Response> DeleteEntityAsync(ITableEntity entity, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return ChangeAsync(TableTransactionActionType.Delete, entity, ifMatch, cancellationToken);
    }

    /// <summary>Deletes an entity, if a version is given only that; the answer's status is 404 where it is not there.</summary>
    public virtual Task<Response> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default) =>
        ChangeAsync(TableTransactionActionType.Delete, new TableEntity(partitionKey, rowKey), ifMatch, cancellationToken);

    /// <summary>The entities that <paramref name="filter"/> selects, in the order of their keys. Nothing is asked before the first is taken.</summary>
    public virtual AsyncPageable<T> QueryAsync<T>(
        Expression<Func<T, bool>> filter, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity => QueryAsync<T>(FilterExpression.Format(filter), maxPerPage, select, cancellationToken);

    /// <summary>The entities that <paramref name="filter"/> selects, in the order of their keys. Nothing is asked before the first is taken.</summary>
    public virtual AsyncPageable<T> QueryAsync<T>(
        string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity =>
        new AsyncPages<T>((continuation, size, cancellation) => requests.EntitiesAsync<T>(Name, filter, select, size, continuation, cancellation), maxPerPage, cancellationToken);

    /// <summary>Does all changes or none. The answers stand in the order of the changes, each with the new version in its headers.</summary>
    /// <exception cref="TableTransactionFailedException">A change was refused.</exception>
    /// <exception cref="InvalidOperationException">There is no change.</exception>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default) =>
        await requests.SubmitAsync(Transaction.Of(Name, transactionActions), cancellationToken);

    private static T EntityOf<T>(Response response) where T : class, ITableEntity
    {
        using var json = JsonDocument.Parse(response.Content);
        return EntityMap.Entity<T>(EntityJson.Read(json.RootElement));
    }

    private Task<Response> ReadAsync(string partitionKey, string rowKey, IEnumerable<string>? select, bool evenIfAbsent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        return Limits.OfKeys(partitionKey, rowKey) is { } refusal
            ? throw refusal.ToException()
            : requests.ReadAsync(EntityRequest.PathOf(Name, partitionKey, rowKey), select, evenIfAbsent, cancellationToken);
    }

    private async Task<Response> ChangeAsync(TableTransactionActionType type, ITableEntity entity, ETag etag, CancellationToken cancellationToken)
    {
        var (change, refusal) = EntityRequest.Of(type, Name, entity, etag);
        return change is null ? throw refusal!.ToException() : await requests.ChangeAsync(change, cancellationToken);
    }
}

using System.Globalization;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables.Models;

namespace Azure.Data.Tables.Wire;

/// <summary>The requests of the Table service, on one pipeline. Anything but success, or a status that was asked for, is a <see cref="RequestFailedException"/>.</summary>
internal sealed class TableRequests
{
    internal const string Json = "application/json;odata=minimalmetadata";
    internal const string DataServiceVersion = "3.0";
    private const string Continuation = "x-ms-continuation-";
    private const string Scope = "https://storage.azure.com/.default";
    private readonly HttpPipeline pipeline;
    private readonly string version;

    internal TableRequests(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions? options)
        : this(endpoint, credential?.AccountName ?? throw new ArgumentNullException(nameof(credential)), new SharedKeyPolicy(credential, TimeProvider.System), options)
    {
    }

    internal TableRequests(Uri endpoint, TokenCredential credential, TableClientOptions? options)
        : this(endpoint, endpoint?.Host.Split('.')[0] ?? throw new ArgumentNullException(nameof(endpoint)), new BearerTokenAuthenticationPolicy(credential, Scope), options)
    {
        // As the package does: a token that is sent unencrypted is everybody's.
        if (endpoint.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException($"Cannot use {nameof(TokenCredential)} without HTTPS.", nameof(endpoint));
        }
    }

    private TableRequests(Uri endpoint, string accountName, HttpPipelinePolicy signing, TableClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new TableClientOptions();
        (Endpoint, AccountName, version) = (endpoint, accountName, options.VersionString);
        pipeline = HttpPipelineBuilder.Build(new HttpPipelineOptions(options)
        {
            PerRetryPolicies = { signing },
            ResponseClassifier = new ResponseClassifier(),
            RequestFailedDetailsParser = ErrorDetails.Parser,
        });
    }

    internal Uri Endpoint { get; }

    internal string AccountName { get; }

    internal async Task<Response<TableItem>> CreateTableAsync(string table, bool evenIfThere, CancellationToken cancellationToken)
    {
        using var message = Message(RequestMethod.Post, "Tables", evenIfThere ? 409 : null);
        message.Request.Headers.SetValue("Content-Type", "application/json");
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["TableName"] = table }));
        var response = await SendAsync(message, cancellationToken);

        // A table that is being deleted is a 409 too, but it is not there.
        return response.Status == 409 && new RequestFailedException(response) is var failed && failed.ErrorCode == TableErrorCode.TableBeingDeleted
            ? throw failed
            : Response.FromValue(new TableItem(table), response);
    }

    internal async Task<Response> DeleteTableAsync(string table, CancellationToken cancellationToken)
    {
        using var message = Message(RequestMethod.Delete, $"Tables('{Uri.EscapeDataString(table)}')", 404);
        return await SendAsync(message, cancellationToken);
    }

    internal HttpMessage TablesMessage(string? filter, int? top, string? continuation)
    {
        var message = Message(RequestMethod.Get, "Tables", null);
        Query(message, "$filter", filter);
        Query(message, "$top", top?.ToString(CultureInfo.InvariantCulture));
        Query(message, "NextTableName", continuation);
        return message;
    }

    internal async Task<Page<TableItem>> TablesAsync(string? filter, int? top, string? continuation, CancellationToken cancellationToken)
    {
        using var message = TablesMessage(filter, top, continuation);
        return TablePage(await SendAsync(message, cancellationToken));
    }

    internal Page<TableItem> Tables(string? filter, int? top, string? continuation, CancellationToken cancellationToken)
    {
        using var message = TablesMessage(filter, top, continuation);
        pipeline.Send(message, cancellationToken);
        return TablePage(Checked(message.Response));
    }

    internal async Task<Response> ChangeAsync(EntityRequest change, CancellationToken cancellationToken)
    {
        // A delete of what is not there has done its work; the status tells.
        using var message = Message(change.Method, change.Path, change.Method == RequestMethod.Delete ? 404 : null);
        foreach (var (name, value) in change.Headers())
        {
            message.Request.Headers.SetValue(name, value);
        }

        message.Request.Content = change.Body is { } body ? RequestContent.Create(body) : null;
        return await SendAsync(message, cancellationToken);
    }

    internal async Task<Response> ReadAsync(string path, IEnumerable<string>? select, bool evenIfAbsent, CancellationToken cancellationToken)
    {
        using var message = Message(RequestMethod.Get, path, evenIfAbsent ? 404 : null);
        Query(message, "$select", Select(select));
        return await SendAsync(message, cancellationToken);
    }

    internal async Task<Page<T>> EntitiesAsync<T>(string table, string? filter, IEnumerable<string>? select, int? top, string? continuation, CancellationToken cancellationToken)
        where T : class, ITableEntity
    {
        using var message = Message(RequestMethod.Get, table + "()", null);
        Query(message, "$filter", filter);
        Query(message, "$select", Select(select));
        Query(message, "$top", top?.ToString(CultureInfo.InvariantCulture));

        // "<next partition> <next row>": the service's tokens hold no space, and the second may be absent.
        var next = continuation?.Split(' ', 2);
        Query(message, "NextPartitionKey", next?[0]);
        Query(message, "NextRowKey", next is [_, { Length: > 0 } row] ? row : null);
        var response = await SendAsync(message, cancellationToken);
        using var json = JsonDocument.Parse(response.Content);
        T[] entities = [.. json.RootElement.GetProperty("value").EnumerateArray().Select(entity => EntityMap.Entity<T>(EntityJson.Read(entity)))];
        var more = response.Headers.TryGetValue(Continuation + "NextPartitionKey", out var partition);
        response.Headers.TryGetValue(Continuation + "NextRowKey", out var nextRow);
        return Page<T>.FromValues(entities, more ? $"{partition} {nextRow}" : null, response);
    }

    internal async Task<Response<IReadOnlyList<Response>>> SubmitAsync(IReadOnlyList<EntityRequest> changes, CancellationToken cancellationToken)
    {
        var (contentType, body) = BatchBody.Write(Endpoint, changes);
        if (Limits.OfBody(body.Length) is { } refusal)
        {
            throw refusal.ToException();
        }

        using var message = Message(RequestMethod.Post, "$batch", null);
        message.Request.Headers.SetValue("Content-Type", contentType);
        message.Request.Content = RequestContent.Create(body);
        var response = await SendAsync(message, cancellationToken);
        var answers = BatchAnswer.Read(response);
        if (answers.FirstOrDefault(answer => answer.IsError) is { } failed)
        {
            throw new TableTransactionFailedException(new RequestFailedException(failed, null, ErrorDetails.Parser));
        }

        return answers.Count == changes.Count
            ? Response.FromValue(answers, response)
            : throw new RequestFailedException(response.Status, $"The answer to a transaction of {changes.Count} changes has {answers.Count} parts; read the entities to learn what became of it.");
    }

    private static Page<TableItem> TablePage(Response response)
    {
        using var json = JsonDocument.Parse(response.Content);
        TableItem[] tables = [.. json.RootElement.GetProperty("value").EnumerateArray().Select(table => new TableItem(table.GetProperty("TableName").GetString()!))];
        return Page<TableItem>.FromValues(tables, response.Headers.TryGetValue(Continuation + "NextTableName", out var next) ? next : null, response);
    }

    private static string? Select(IEnumerable<string>? names) => names is null ? null : string.Join(',', names);

    private static void Query(HttpMessage message, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            message.Request.Uri.AppendQuery(name, value, escapeValue: true);
        }
    }

    private static Response Checked(Response response) => response.IsError ? throw new RequestFailedException(response) : response;

    private HttpMessage Message(RequestMethod method, string path, int? expected)
    {
        var context = new RequestContext();
        if (expected is { } status)
        {
            context.AddClassifier(status, isError: false);
        }

        var message = pipeline.CreateMessage(context, pipeline.ResponseClassifier);
        message.Request.Method = method;
        message.Request.Uri.Reset(Endpoint);
        message.Request.Uri.AppendPath("/" + path, escape: false);
        message.Request.Headers.SetValue("Accept", Json);
        message.Request.Headers.SetValue("DataServiceVersion", DataServiceVersion);
        message.Request.Headers.SetValue("x-ms-version", version);
        return message;
    }

    private async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        await pipeline.SendAsync(message, cancellationToken);
        return Checked(message.Response);
    }
}

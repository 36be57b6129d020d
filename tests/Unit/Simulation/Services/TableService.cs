using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>What became of one row in a transaction.</summary>
internal sealed record RowChange(Entity? Before, Entity? After);

/// <summary>
/// A Table service in memory, behind its REST protocol: ETags, transactions in one partition (all or nothing, at most 100 changes, each row once),
/// filters, selections, pages that may be short or empty, and the service's codes.
/// </summary>
internal sealed class TableService(Func<DateTimeOffset> now, Func<int> pageSize)
{
    private const string Json = "application/json;odata=minimalmetadata";
    private readonly Dictionary<string, Func<Entity, bool>> conditions = [];
    private readonly Dictionary<string, SortedDictionary<(string, string), Entity>> tables = [];
    private long versions;

    /// <summary>Called with each transaction that was committed.</summary>
    public Action<string, IReadOnlyList<RowChange>>? Committed { get; set; }

    public IEnumerable<Entity> Rows(string table) => tables.TryGetValue(table, out var rows) ? rows.Values : [];

    public Entity? Find(string table, string partition, string row) => tables.TryGetValue(table, out var rows) ? rows.GetValueOrDefault((partition, row)) : null;

    public Reply Handle(Call call)
    {
        var path = call.Uri.AbsolutePath[1..];
        return path == "Tables" ? CreateTable(call)
            : path == "$batch" ? Batch(call)
            : path.EndsWith("()", StringComparison.Ordinal) ? Query(call, path[..^2])
            : call.Method == "GET" ? Read(path)
            : Single(call, path);
    }

    private Reply CreateTable(Call call)
    {
        using var json = JsonDocument.Parse(call.Body);
        return tables.TryAdd(json.RootElement.GetProperty("TableName").GetString()!, new(Comparer<(string, string)>.Create(Order)))
            ? new(204, [])
            : Error(409, "TableAlreadyExists", "The table specified already exists.");
    }

    private Reply Read(string path)
    {
        var (table, partition, row) = Keys(path);
        if (!tables.TryGetValue(table, out var rows))
        {
            return Error(404, "TableNotFound", "The table specified does not exist.");
        }

        if (!rows.TryGetValue((partition, row!), out var entity))
        {
            return Error(404, "ResourceNotFound", "The specified resource does not exist.");
        }

        return new(200, entity.Json(null), Json, ("ETag", entity.ETag));
    }

    private Reply Query(Call call, string table)
    {
        if (!tables.TryGetValue(table, out var rows))
        {
            return Error(404, "TableNotFound", "The table specified does not exist.");
        }

        var filter = call.Query("$filter") ?? "";
        if (!conditions.TryGetValue(filter, out var condition))
        {
            conditions[filter] = condition = Condition.Of(filter);
        }

        var size = Math.Min(call.Query("$top") is { } top ? int.Parse(top, CultureInfo.InvariantCulture) : 1000, pageSize());
        var from = call.Query("NextPartitionKey") is { } partition ? (Token(partition), Token(call.Query("NextRowKey") ?? "")) : (default((string, string)?));
        var page = new List<Entity>();
        (string Partition, string Row)? next = null;
        foreach (var (key, entity) in rows)
        {
            if ((from is { } begin && Order(key, begin) < 0) || !condition(entity))
            {
                continue;
            }

            if (page.Count == size)
            {
                next = key;
                break;
            }

            page.Add(entity);
        }

        var body = Body(page, call.Query("$select"));
        return next is { } after
            ? new(200, body, Json, ("x-ms-continuation-NextPartitionKey", ToToken(after.Partition)), ("x-ms-continuation-NextRowKey", ToToken(after.Row)))
            : new(200, body, Json);
    }

    private Reply Single(Call call, string path)
    {
        var change = BatchFormat.Change(call.Method, path, call.Headers.GetValueOrDefault("If-Match"), call.Body);
        if (!tables.ContainsKey(change.Table))
        {
            return Error(404, "TableNotFound", "The table specified does not exist.");
        }

        if (Refusal(change) is { } refusal)
        {
            return Error(refusal.Status, refusal.Code, refusal.Message);
        }

        return Apply([change])[0] is { } etag ? new(204, [], null, ("ETag", etag)) : new(204, []);
    }

    private Reply Batch(Call call)
    {
        var changes = BatchFormat.Read(call.Body);
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i];
            var refusal = !tables.ContainsKey(change.Table) ? (404, "TableNotFound", "The table specified does not exist.")
                : change.Partition != changes[0].Partition ? (400, "CommandsInBatchActOnDifferentPartitions", "All commands in a batch must operate on same entity group.")
                : changes.Take(i).Any(c => c.Row == change.Row) ? (400, "InvalidDuplicateRow", "The batch request contains multiple changes with same row key.")
                : i >= 100 || call.Body.Length > 4 * 1024 * 1024 ? (400, "InvalidInput", "The batch request is too large.")
                : Refusal(change);
            if (refusal is { } refused)
            {
                return BatchFormat.Answer([(refused.Item1, null, ErrorBody(refused.Item2, $"{i}:{refused.Item3}"))]);
            }
        }

        return BatchFormat.Answer([.. Apply(changes).Select(etag => (204, etag, Array.Empty<byte>()))]);
    }

    private (int Status, string Code, string Message)? Refusal(TableChange change)
    {
        var there = tables[change.Table].GetValueOrDefault((change.Partition, change.Row));
        return change.Method == "POST" ? there is null ? null : (409, "EntityAlreadyExists", "The specified entity already exists.")
            : there is null ? (404, "ResourceNotFound", "The specified resource does not exist.")
            : change.IfMatch is null or "*" ? throw new ViolationException($"{change.Method} of {change.Row} names no version: every change names the ETag that it saw")
            : change.IfMatch == there.ETag ? null
            : (412, "UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied.");
    }

    private List<string?> Apply(List<TableChange> changes)
    {
        var done = new List<RowChange>();
        foreach (var change in changes)
        {
            var rows = tables[change.Table];
            var key = (change.Partition, change.Row);
            var before = rows.GetValueOrDefault(key);
            Entity? after = null;
            if (change.Method == "DELETE")
            {
                rows.Remove(key);
            }
            else
            {
                var cells = change.Method is "PATCH" or "MERGE" ? before!.Cells.ToDictionary() : [];
                foreach (var (name, cell) in change.Cells)
                {
                    cells[name] = cell;
                }

                after = new(change.Partition, change.Row, $"W/\"datetime'{++versions}'\"", now(), cells);
                rows[key] = after;
            }

            done.Add(new(before, after));
        }

        Committed?.Invoke(changes[0].Table, done);
        return [.. done.Select(d => d.After?.ETag)];
    }

    internal static (string Table, string Partition, string? Row) Keys(string path)
    {
        const string Partition = "(PartitionKey='", Row = "',RowKey='";
        var first = path.IndexOf(Partition, StringComparison.Ordinal);
        if (first < 0)
        {
            return (path, "", null);
        }

        var second = path.IndexOf(Row, first, StringComparison.Ordinal);
        return (path[..first], Key(path[(first + Partition.Length)..second]), Key(path[(second + Row.Length)..^2]));
    }

    private static string Key(string escaped) => Uri.UnescapeDataString(escaped).Replace("''", "'", StringComparison.Ordinal);

    private static int Order((string, string) one, (string, string) other) =>
        string.CompareOrdinal(one.Item1, other.Item1) is not 0 and var partition ? partition : string.CompareOrdinal(one.Item2, other.Item2);

    private static string ToToken(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));

    private static string Token(string token) => Encoding.UTF8.GetString(Convert.FromHexString(token));

    private static Reply Error(int status, string code, string message) => new(status, ErrorBody(code, message), Json, ("x-ms-error-code", code));

    private static byte[] ErrorBody(string code, string message) =>
        Encoding.UTF8.GetBytes($$$"""{"odata.error":{"code":"{{{code}}}","message":{"lang":"en-US","value":"{{{message}}}"} } }""");

    private static byte[] Body(List<Entity> page, string? select)
    {
        var rows = page.ConvertAll(entity => entity.Json(select));
        using var body = new MemoryStream(16 + rows.Sum(row => row.Length + 1));
        body.Write("{\"value\":["u8);
        for (var i = 0; i < rows.Count; i++)
        {
            body.Write(i == 0 ? [] : ","u8);
            body.Write(rows[i]);
        }

        body.Write("]}"u8);
        return body.ToArray();
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>A change of one row, as it was asked for.</summary>
internal sealed record TableChange(
    string Method, string Table, string Partition, string Row, string? IfMatch, IReadOnlyDictionary<string, (string? Type, object Value)> Cells);

/// <summary>A transaction's request and answer: a change set in a batch, both multipart/mixed.</summary>
internal static class BatchFormat
{
    public static TableChange Change(string method, string path, string? ifMatch, ReadOnlyMemory<byte> body)
    {
        var (table, partition, row) = TableService.Keys(path);
        if (body.IsEmpty)
        {
            return new(method, table, partition, row!, ifMatch, new Dictionary<string, (string?, object)>());
        }

        using var json = JsonDocument.Parse(body);
        return new(
            method,
            table,
            row is null ? json.RootElement.GetProperty("PartitionKey").GetString()! : partition,
            row ?? json.RootElement.GetProperty("RowKey").GetString()!,
            ifMatch,
            Entity.ReadCells(json.RootElement));
    }

    public static List<TableChange> Read(string text)
    {
        const string Boundary = "boundary=";
        var start = text.IndexOf(Boundary, StringComparison.Ordinal) + Boundary.Length;
        var mark = "--" + text[start..text.IndexOf('\r', start)];
        var changes = new List<TableChange>();
        foreach (var part in text.Split(mark + "\r\n").Skip(1))
        {
            var lines = part.Split("\r\n");
            var request = Array.FindIndex(lines, line => line.EndsWith(" HTTP/1.1", StringComparison.Ordinal));
            var blank = Array.IndexOf(lines, "", request);
            var words = lines[request].Split(' ');
            var ifMatch = lines[request..blank].FirstOrDefault(line => line.StartsWith("If-Match: ", StringComparison.Ordinal))?["If-Match: ".Length..];
            var body = lines.ElementAtOrDefault(blank + 1) is { Length: > 0 } content && content[0] == '{' ? Encoding.UTF8.GetBytes(content) : [];
            changes.Add(Change(words[0], new Uri(words[1]).AbsolutePath[1..], ifMatch, body));
        }

        return changes;
    }

    public static Reply Answer(IReadOnlyList<(int Status, string? ETag, byte[] Body)> parts)
    {
        var text = new StringBuilder("--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n");
        foreach (var (status, etag, body) in parts)
        {
            text.Append("--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(status < 300 ? "No Content" : "Refused")}\r\n");
            text.Append(etag is null ? "" : $"ETag: {etag}\r\n");
            text.Append(body.Length > 0 ? "Content-Type: application/json\r\n\r\n" : "\r\n").Append(Encoding.UTF8.GetString(body)).Append("\r\n");
        }

        text.Append("--changesetresponse_1--\r\n--batchresponse_1--\r\n");
        return new(202, Encoding.UTF8.GetBytes(text.ToString()), "multipart/mixed; boundary=batchresponse_1");
    }
}

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

    /// <summary>The changes of a request. It is read as bytes, line by line: of all that a transaction takes here, this is the most.</summary>
    public static List<TableChange> Read(ReadOnlyMemory<byte> body)
    {
        var changes = new List<TableChange>();
        string? request = null, ifMatch = null;
        while (!body.IsEmpty)
        {
            var length = body.Span.IndexOf("\r\n"u8);
            var line = length < 0 ? body : body[..length];
            body = length < 0 ? default : body[(length + 2)..];
            if (line.Span.EndsWith(" HTTP/1.1"u8))
            {
                (request, ifMatch) = (Encoding.UTF8.GetString(line.Span), null);
            }
            else if (line.Span.StartsWith("If-Match: "u8))
            {
                ifMatch = Encoding.UTF8.GetString(line.Span["If-Match: ".Length..]);
            }
            else if (request is not null && (line.Span.StartsWith("{"u8) || line.Span.StartsWith("--"u8)))
            {
                var words = request.Split(' ');
                changes.Add(Change(words[0], new Uri(words[1]).AbsolutePath[1..], ifMatch, line.Span[0] == '{' ? line : default));
                request = null;
            }
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

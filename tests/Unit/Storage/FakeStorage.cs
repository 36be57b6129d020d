using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Storage;

/// <summary>What a request asked.</summary>
internal sealed record FakeRequest(HttpMethod Method, Uri Uri, string Body)
{
    /// <summary>Path and query, decoded.</summary>
    public string Address => Uri.UnescapeDataString(Uri.PathAndQuery).Replace('+', ' ');
}

/// <summary>Pushcart's own storage clients over a service that records what it is asked, and answers what a test says.</summary>
internal sealed class FakeStorage : HttpMessageHandler
{
    private const string Connection = "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=MDEyMzQ1Njc4OWFiY2RlZg==;EndpointSuffix=core.windows.net";
    private readonly Func<FakeRequest, CancellationToken, Task<HttpResponseMessage>> _answer;

    public FakeStorage(Func<FakeRequest, HttpResponseMessage> answer, TimeProvider? time = null)
        : this((request, _) => Task.FromResult(answer(request)), time)
    {
    }

    public FakeStorage(Func<FakeRequest, CancellationToken, Task<HttpResponseMessage>> answer, TimeProvider? time = null)
    {
        _answer = answer;
        Clients = new StorageClients(new StorageConnection(Connection), new StorageSettings(), time ?? new ManualTime(), this, []);
    }

    public StorageClients Clients { get; }

    public Table Table => Clients.Table("live");

    public List<FakeRequest> Requests { get; } = [];

    public static HttpResponseMessage Nothing(HttpStatusCode status = HttpStatusCode.NoContent, string? etag = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent("") };
        if (etag is not null)
        {
            answer.Headers.TryAddWithoutValidation("ETag", etag);
        }

        return answer;
    }

    public static HttpResponseMessage Error(HttpStatusCode status, string code) => Json(status, ErrorBody(code, "It was refused."));

    /// <summary>The answer to a read of one row, or 404.</summary>
    public static HttpResponseMessage Row(TableEntity? row) =>
        row is null ? Error(HttpStatusCode.NotFound, "ResourceNotFound") : Json(HttpStatusCode.OK, Entity(row).ToJsonString());

    /// <summary>The answer to a query.</summary>
    public static HttpResponseMessage Rows(params IEnumerable<TableEntity> rows) =>
        Json(HttpStatusCode.OK, new JsonObject { ["value"] = new JsonArray([.. rows.Select(Entity)]) }.ToJsonString());

    /// <summary>The answer to a transaction that was written, with these versions.</summary>
    public static HttpResponseMessage Written(params string[] etags) =>
        Parts(etags.Select(etag => $"HTTP/1.1 204 No Content\r\nETag: {etag}\r\n\r\n\r\n"));

    /// <summary>The answer to a transaction that met another state at one of its changes.</summary>
    public static HttpResponseMessage Conflict(HttpStatusCode status, string code, int? at) =>
        Parts([$"HTTP/1.1 {(int)status} {status}\r\nContent-Type: application/json\r\n\r\n{ErrorBody(code, $"{(at is null ? "" : $"{at}:")}It was refused.")}\r\n"]);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var recorded = new FakeRequest(request.Method, request.RequestUri!, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
        Requests.Add(recorded);
        return await _answer(recorded, cancellationToken);
    }

    private static HttpResponseMessage Json(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static string ErrorBody(string code, string message) =>
        $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"{{{{message}}}}"}}}""";

    private static HttpResponseMessage Parts(IEnumerable<string> parts)
    {
        var inner = string.Concat(parts.Select(part => $"--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{part}"));
        var body = $"--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n{inner}--changesetresponse_1--\r\n--batchresponse_1--\r\n";
        var answer = new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent(body) };
        answer.Content.Headers.Remove("Content-Type");
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/mixed; boundary=batchresponse_1");
        return answer;
    }

    private static JsonObject Entity(TableEntity row)
    {
        var json = new JsonObject { ["odata.etag"] = row.ETag.ToString() };
        foreach (var (name, value) in row.Where(p => p.Key is not ("odata.etag" or "Timestamp")))
        {
            (json[name], var type) = value switch
            {
                DateTimeOffset time => ((JsonNode)time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), "Edm.DateTime"),
                long number => (number.ToString(CultureInfo.InvariantCulture), "Edm.Int64"),
                byte[] bytes => (Convert.ToBase64String(bytes), "Edm.Binary"),
                int number => (number, null),
                bool flag => (flag, null),
                _ => ((string)value, null),
            };
            if (type is not null)
            {
                json[name + "@odata.type"] = type;
            }
        }

        return json;
    }
}

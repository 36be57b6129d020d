using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pushcart.Functions.OpenApi;

namespace Pushcart.Tests.Support.OpenApi;

/// <summary>
/// Between a test and a host: every answer of an HTTP function is compared with what the API's own description says of it, in every test, and one that differs fails the request.
/// </summary>
/// <param name="inner">Sends requests.</param>
/// <param name="seen">Where operations that have answered are noted, each with its status.</param>
internal sealed class DescribedAnswers(HttpMessageHandler inner, ConcurrentDictionary<(string Operation, int Status), byte> seen) : DelegatingHandler(inner)
{
    private static readonly Lazy<Description> s_description = new(() => new(JsonNode.Parse(OpenApiDocument.Text)!.AsObject()));

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (s_description.Value.Find(request.Method.Method, request.RequestUri!.AbsolutePath) is not { } operation)
        {
            return answer;
        }

        // What is followed, or long, is not waited for: only JSON is read.
        var type = answer.Content.Headers.ContentType?.MediaType;
        var body = "";
        if (type == "application/json")
        {
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            body = await answer.Content.ReadAsStringAsync(cancellationToken);
        }

        var faults = s_description.Value.Faults(operation, (int)answer.StatusCode, type, body).ToList();
        if (faults.Count > 0)
        {
            throw new InvalidOperationException($"{request.Method} {request.RequestUri.PathAndQuery} ({operation["operationId"]}) was not answered as api/openapi.json says: {string.Join("; ", faults)}\n{(int)answer.StatusCode} {type}\n{body}");
        }

        seen.TryAdd(((string)operation["operationId"]!, (int)answer.StatusCode), 0);
        return answer;
    }

    /// <summary>A description, as tests ask it.</summary>
    internal sealed class Description
    {
        private readonly SchemaCheck _schemas;
        private readonly List<(Regex Path, int Parameters, JsonObject Operations)> _paths;

        public Description(JsonObject document)
        {
            _schemas = new(document);
            _paths = [.. document["paths"]!.AsObject()
                .Select(path => (new Regex("^" + Regex.Replace(path.Key, @"\{\w+\}", "[^/]+") + "$", RegexOptions.CultureInvariant), path.Key.Count(c => c == '{'), path.Value!.AsObject()))
                .OrderBy(path => path.Item2)];
        }

        /// <summary>All operations.</summary>
        public IEnumerable<JsonObject> Operations => _paths.SelectMany(path => path.Operations.Select(o => o.Value!.AsObject()));

        /// <summary>The operation that a request means; null where it means none.</summary>
        public JsonObject? Find(string method, string path) => _paths.FirstOrDefault(p => p.Path.IsMatch(path)).Operations?[method.ToLowerInvariant()]?.AsObject();

        /// <summary>What of an answer is not as described.</summary>
        public IEnumerable<string> Faults(JsonObject operation, int status, string? type, string body)
        {
            var declared = operation["responses"]![status.ToString(CultureInfo.InvariantCulture)];
            if (declared is null)
            {
                return [$"the status {status} is not described"];
            }

            if (declared["content"] is not JsonObject content)
            {
                return type is null ? [] : [$"{status} is described without a body"];
            }

            return type is null || content[type] is not { } media ? [$"{status} has the content type '{type}', and is described as {string.Join(", ", content.Select(c => c.Key))}"]
                : type == "application/json" && !ReferenceEquals(Find("GET", "/api/openapi.json"), operation) ? _schemas.Faults(JsonNode.Parse(body), media["schema"]!, "answer")
                : [];
        }
    }
}

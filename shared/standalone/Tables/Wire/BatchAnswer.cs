using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>The answers in the answer to a transaction: one a change, or a single one that says what failed.</summary>
internal static class BatchAnswer
{
    private const string Multipart = "multipart/mixed";

    internal static IReadOnlyList<Response> Read(Response response) =>
        [.. Parts(response.Headers.ContentType ?? "", Encoding.UTF8.GetString(response.Content.ToMemory().Span))];

    private static IEnumerable<Response> Parts(string contentType, string text)
    {
        if (!contentType.StartsWith(Multipart, StringComparison.OrdinalIgnoreCase) || BoundaryOf(contentType) is not { } boundary)
        {
            yield break;
        }

        // What precedes the first mark is no part, and what follows "--boundary--" is none either.
        foreach (var section in text.Split("--" + boundary).Skip(1).TakeWhile(section => !section.StartsWith("--", StringComparison.Ordinal)))
        {
            var (_, headers, content) = Split(section.TrimStart('\r', '\n'), withFirstLine: false);
            var type = headers.FirstOrDefault(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value ?? "";
            if (type.StartsWith(Multipart, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var part in Parts(type, content))
                {
                    yield return part;
                }
            }
            else
            {
                var (status, partHeaders, body) = Split(content.TrimStart('\r', '\n'), withFirstLine: true);
                yield return new BatchPart(status, partHeaders, body.TrimEnd('\r', '\n'));
            }
        }
    }

    private static string? BoundaryOf(string contentType) => contentType.Split(';', StringSplitOptions.TrimEntries)
        .FirstOrDefault(parameter => parameter.StartsWith("boundary=", StringComparison.OrdinalIgnoreCase))?["boundary=".Length..].Trim('"');

    private static (string First, List<HttpHeader> Headers, string Body) Split(string text, bool withFirstLine)
    {
        var reader = new StringReader(text);
        var first = withFirstLine ? reader.ReadLine() ?? "" : "";
        var headers = new List<HttpHeader>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.Add(new HttpHeader(line[..colon].Trim(), line[(colon + 1)..].Trim()));
            }
        }

        return (first, headers, reader.ReadToEnd());
    }

    /// <summary>The answer to one change of a transaction.</summary>
    private sealed class BatchPart(string statusLine, List<HttpHeader> headers, string body) : Response
    {
        private readonly string[] words = statusLine.Split(' ', 3);

        public override int Status => words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;

        public override string ReasonPhrase => words.Length > 2 ? words[2] : "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(Encoding.UTF8.GetBytes(body));

        public override string ClientRequestId { get; set; } = "";

        public override bool IsError => Status is < 200 or >= 300;

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers;

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = headers.Find(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = TryGetHeader(name, out var value) ? [value] : null;
            return values is not null;
        }
    }
}

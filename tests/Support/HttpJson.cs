using System.Net;
using System.Text;
using System.Text.Json;

namespace Pushcart.Tests.Support;

/// <summary>Asks a host and reads status and JSON together.</summary>
public static class HttpJson
{
    /// <summary>Sends a request.</summary>
    /// <param name="client">The host's client.</param>
    /// <param name="method">The verb.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">The body, or null.</param>
    /// <param name="key">The <c>Idempotency-Key</c>, or null.</param>
    public static async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(this HttpClient client, HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, body.TrimStart().StartsWith('{') ? "application/json" : "application/yaml");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text.Length == 0 ? "null" : text);
        return (answer.StatusCode, json.RootElement.Clone());
    }

    /// <summary>A text of an object.</summary>
    public static string? Text(this JsonElement json, string name) => json.GetProperty(name).GetString();
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>An answer of the API.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonElement Json, HttpResponseHeaders Headers)
{
    public string? Text(string name) => Json.GetProperty(name).GetString();

    /// <summary>Status and code of an error, to compare.</summary>
    public (int Status, string? Code) Error => ((int)Status, Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null);
}

/// <summary>Asks a host with tokens of a test's choice.</summary>
internal static class TokenedHost
{
    /// <summary>Sends a request.</summary>
    /// <param name="host">The host.</param>
    /// <param name="token">The token; null: none.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">A text as it is, or what is written as JSON; null: none.</param>
    public static async Task<Reply> AskAsync(this HostProcess host, string? token, string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : body is null ? null : JsonContent.Create(body),
        };
        request.Headers.TryAddWithoutValidation("Authorization", token is null ? null : token.Contains(' ', StringComparison.Ordinal) ? token : $"Bearer {token}");
        using var answer = await host.Anonymous.SendAsync(request);
        var content = await answer.Content.ReadAsStringAsync();
        return new(answer.StatusCode, content.Length == 0 ? default : JsonDocument.Parse(content).RootElement, answer.Headers);
    }

    /// <summary>Makes a token.</summary>
    public static async Task<(string Id, string Value)> TokenAsync(this HostProcess host, string description, string[] scopes, string[]? namespaces = null)
    {
        var made = await host.AskAsync(host.AdminToken, "POST", "api/tokens", new { description, scopes, namespaces });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return (made.Text("id")!, made.Text("token_value")!);
    }
}

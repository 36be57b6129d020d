using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>A host with webhook triggers, a repository on a real git server, and a sender of events.</summary>
internal sealed class HookedApp : IAsyncDisposable
{
    /// <summary>The secret of each provider, where a test sets no other.</summary>
    public const string Secret = "it's a secret";

    public const string Zeros = "0000000000000000000000000000000000000000";

    private readonly WatchedApp _app;

    private HookedApp(WatchedApp app) => _app = app;

    public HostPlace Place => _app.Place;

    public WatchedApp App => _app;

    /// <summary>The repository's address.</summary>
    public string Uri => _app.Uri;

    public HostProcess Host { get; private set; } = null!;

    /// <summary>Starts a host.</summary>
    /// <param name="connection">Its storage.</param>
    /// <param name="manifests">Makes the manifests, by the repository's address; the action <c>app</c> is there.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<HookedApp> StartAsync(string connection, Func<string, string> manifests, params (string Key, string Value)[] settings)
    {
        var here = new HookedApp(new WatchedApp(connection));
        try
        {
            foreach (var provider in (string[])["GitHub", "GitLab", "Gitea", "Bitbucket", "AzureDevOps"])
            {
                here.Place.Settings[$"Webhooks__{provider}__Secrets__0"] = Secret;
            }

            // Only webhooks make anything happen in the time of a test.
            here.Place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
            foreach (var (key, value) in settings)
            {
                here.Place.Settings[key.Replace(":", "__", StringComparison.Ordinal)] = value;
            }

            var path = here.Place.Write("manifests/app.yaml", $"{manifests(here.Uri)}\n---\n{HostManifests.Action("true")}");
            here.Host = await here.Place.StartLiveAsync("--manifests", path);
            return here;
        }
        catch
        {
            await here.DisposeAsync();
            throw;
        }
    }

    /// <summary>A webhook trigger.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sources">Names of its sources, with commas.</param>
    /// <param name="webhook">Its webhook, in flow style.</param>
    /// <param name="watchOn">What is watched, in flow style.</param>
    /// <param name="more">More of its spec, in flow style, begun by a comma.</param>
    /// <param name="ns">Its namespace.</param>
    public static string Trigger(string name = "app", string sources = "app", string webhook = "", string watchOn = "", string more = "", string ns = "default") => $$"""
        apiVersion: pushcart.dev/v1
        kind: WebhookTrigger
        metadata: {name: {{name}}, namespace: {{ns}}}
        spec: {sources: {names: [{{sources}}], watchOn: { {{watchOn}} } }, webhook: { {{webhook}} }, action: {kind: Action, name: app}{{more}} }
        """;

    /// <summary>Joins manifests.</summary>
    public static string All(params IEnumerable<string> manifests) => string.Join("\n---\n", manifests);

    /// <summary>A source.</summary>
    public static string Source(string uri, string name = "app", string more = "", string ns = "default") => InstallationManifests.Source(name, uri, more, ns);

    /// <summary>Posts something.</summary>
    public Task<HookReply> PostAsync(string path, params (string Name, string Value)[] headers) => PostAsync(path, [], headers);

    /// <summary>Posts a body.</summary>
    public async Task<HookReply> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        // Whoever sends events has no token.
        using var answer = await Host.Anonymous.SendAsync(request);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers);
    }

    /// <summary>Posts an event of GitHub, signed.</summary>
    public Task<HookReply> GitHubAsync(string what, object payload, string? secret = Secret, string? delivery = null) => GitHubAsync(what, Bytes(payload), secret, delivery);

    /// <summary>Posts an event of GitHub, signed.</summary>
    public Task<HookReply> GitHubAsync(string what, byte[] body, string? secret = Secret, string? delivery = null) => PostAsync(
        "hooks/github",
        body,
        [
            ("Content-Type", "application/json"), ("X-GitHub-Event", what), ("X-GitHub-Delivery", delivery ?? Chance.System.NewId()),
            .. secret is null ? [] : new[] { ("X-Hub-Signature-256", "sha256=" + Hmac(body, secret)) },
        ]);

    /// <summary>The payload of GitHub's push.</summary>
    public object Push(string reference = "refs/heads/main", string? after = null, string? uri = null) => new
    {
        @ref = reference,
        before = Zeros,
        after = after ?? _app.First,
        deleted = after == Zeros,
        repository = new { full_name = "acme/app", clone_url = uri ?? Uri },
    };

    public static byte[] Bytes(object payload) => JsonSerializer.SerializeToUtf8Bytes(payload);

    public static string Hmac(byte[] body, string secret) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>What became of an event, once all its checks are answered.</summary>
    public async Task<JsonElement> DoneAsync(string? task)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await Host.JsonAsync($"api/tasks/{task}");
            if (view.GetProperty("state").GetString() == "done" || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
            {
                return view;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>How many events were accepted.</summary>
    public async Task<int> DeliveriesAsync() =>
        (await Place.RowsAsync("live")).Count(r => r.RowKey.StartsWith("delivery|", StringComparison.Ordinal) && r.RowKey.Count(c => c == '|') == 1);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>The answer of a webhook.</summary>
internal sealed record HookReply(int Code, string Text, HttpResponseHeaders Headers)
{
    private JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string Status => Json.GetProperty("status").GetString()!;

    public string Message => Json.GetProperty("message").GetString()!;

    public string? Task => Json.TryGetProperty("task_id", out var id) ? id.GetString() : null;

    /// <summary>Code, status and message, to compare.</summary>
    public (int Code, string Status, string Message) Told => (Code, Status, Message);
}

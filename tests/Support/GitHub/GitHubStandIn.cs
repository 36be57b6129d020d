using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Tests.Support.GitHub;

/// <summary>A request to the stand-in.</summary>
public sealed record GitHubRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, string? Authorization, string Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode? Json => Body.Length == 0 ? null : JsonNode.Parse(Body);

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>An answer of the stand-in.</summary>
public sealed record GitHubReply(int Status, JsonNode? Body = null, params IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>A webhook at the stand-in.</summary>
public sealed class GitHubStandInHook
{
    /// <summary>Id.</summary>
    public required int Id { get; init; }

    /// <summary>Its configuration, the secret as it was given.</summary>
    public required Dictionary<string, string> Config { get; set; }

    /// <summary>What it is told.</summary>
    public required List<string> Events { get; set; }

    /// <summary>True where it is told.</summary>
    public bool Active { get; set; } = true;
}

/// <summary>A delivery at the stand-in.</summary>
public sealed record GitHubStandInDelivery(long Id, string Event, DateTimeOffset At, int StatusCode, bool Redelivery);

/// <summary>
/// The part of GitHub's REST API that Pushcart uses, in memory: an App's installations and their narrowed tokens, commit statuses, webhooks with their limit of 20, deliveries.
/// </summary>
public sealed class GitHubStandIn(TimeProvider time)
{
    private const int MostHooks = 20;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Repository, JsonObject Permissions, DateTimeOffset Until)> _tokens = [];
    private int _ids = 100;

    /// <summary>Key of the App, whose id is 7.</summary>
    public RSA AppKey { get; } = RSA.Create(2048);

    /// <summary>A token that may do everything; null: only the App's are accepted.</summary>
    public string? Token { get; set; } = "ghp_everything";

    /// <summary>Repositories, as <c>owner/name</c>, on which the App is installed.</summary>
    public HashSet<string> Repositories { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Steps in before a request is answered; null: it is answered as usual.</summary>
    public Func<GitHubRequest, GitHubReply?>? Intercept { get; set; }

    /// <summary>Every request, in order.</summary>
    public List<GitHubRequest> Requests { get; } = [];

    /// <summary>Every status that was set: repository, commit and body.</summary>
    public List<(string Repository, string Commit, JsonObject Status)> Statuses { get; } = [];

    /// <summary>All webhooks, by repository.</summary>
    public Dictionary<string, List<GitHubStandInHook>> Hooks { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All deliveries, by webhook.</summary>
    public Dictionary<int, List<GitHubStandInDelivery>> Deliveries { get; } = [];

    /// <summary>Deliveries that were asked for again.</summary>
    public List<long> Redelivered { get; } = [];

    /// <summary>An error as GitHub words it.</summary>
    public static GitHubReply Error(int status, string message, params IReadOnlyList<(string Name, string Value)> headers) =>
        new(status, new JsonObject { ["message"] = message, ["documentation_url"] = "https://docs.github.com/rest" }, headers);

    /// <summary>A refusal as GitHub words it, with its reason.</summary>
    public static GitHubReply Invalid(string reason) => new(422, new JsonObject
    {
        ["message"] = "Validation Failed",
        ["errors"] = new JsonArray(new JsonObject { ["resource"] = "Hook", ["code"] = "custom", ["message"] = reason }),
        ["documentation_url"] = "https://docs.github.com/rest",
    });

    /// <summary>Adds a delivery of a webhook.</summary>
    public long Deliver(int hook, string ofEvent, DateTimeOffset at, int status, bool redelivery = false)
    {
        var id = 1_000_000_000_000 + ++_ids;
        (Deliveries.TryGetValue(hook, out var all) ? all : Deliveries[hook] = []).Insert(0, new(id, ofEvent, at, status, redelivery));
        return id;
    }

    /// <summary>Ends all tokens of the App's installations before their time.</summary>
    public void RevokeTokens()
    {
        lock (_lock)
        {
            _tokens.Clear();
        }
    }

    /// <summary>Answers a request.</summary>
    public GitHubReply Answer(GitHubRequest request)
    {
        lock (_lock)
        {
            Requests.Add(request);
            return Intercept?.Invoke(request) ?? Handle(request);
        }
    }

    private GitHubReply Handle(GitHubRequest request)
    {
        var path = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, path) switch
        {
            ("GET", ["repos", var owner, var name, "installation"]) => !IsApp(request) ? Error(401, "A JSON web token could not be decoded")
                : Repositories.Contains($"{owner}/{name}") ? new(200, Installation(owner)) : Error(404, "Not Found"),
            ("POST", ["app", "installations", _, "access_tokens"]) => !IsApp(request) ? Error(401, "A JSON web token could not be decoded") : NewToken(request),
            (_, ["repos", var owner, var name, .. var rest]) => OfRepository(request, $"{owner}/{name}", rest),
            _ => Error(404, "Not Found"),
        };
    }

    private GitHubReply OfRepository(GitHubRequest request, string repository, string[] rest)
    {
        if (!May(request, repository, rest[0] == "statuses" ? "statuses" : "repository_hooks"))
        {
            return request.Authorization is null || !request.Authorization.StartsWith("Token ", StringComparison.Ordinal) || !IsKnown(request) ? Error(401, "Bad credentials")
                : Error(403, "Resource not accessible by integration");
        }

        if (!Repositories.Contains(repository))
        {
            return Error(404, "Not Found");
        }

        var hooks = Hooks.TryGetValue(repository, out var there) ? there : Hooks[repository] = [];
        var hook = rest.Length > 1 && rest[0] == "hooks" ? hooks.Find(h => h.Id == int.Parse(rest[1], CultureInfo.InvariantCulture)) : null;
        return (request.Method, rest) switch
        {
            ("POST", ["statuses", var commit]) => Set(repository, commit, request.Json!.AsObject()),
            ("GET", ["hooks"]) => new(200, new JsonArray([.. hooks.Select(h => View(repository, h))])),
            ("POST", ["hooks"]) => Create(repository, hooks, request.Json!.AsObject()),
            (_, ["hooks", ..]) when hook is null => Error(404, "Not Found"),
            ("GET", ["hooks", _]) => new(200, View(repository, hook!)),
            ("PATCH", ["hooks", _]) => Change(repository, hook!, request.Json!.AsObject()),
            ("DELETE", ["hooks", _]) => Delete(hooks, hook!),
            ("GET", ["hooks", _, "deliveries"]) => Page(request, hook!),
            ("POST", ["hooks", _, "deliveries", var id, "attempts"]) => Again(hook!, long.Parse(id, CultureInfo.InvariantCulture)),
            _ => Error(404, "Not Found"),
        };
    }

    // A JSON web token of the App, signed with its key, of no more than 10 min.
    private bool IsApp(GitHubRequest request)
    {
        if (request.Authorization?.Split(' ') is not ["Bearer", var token] || token.Split('.') is not [var header, var claims, var signature])
        {
            return false;
        }

        var said = JsonDocument.Parse(Base64Url.DecodeFromChars(claims)).RootElement;
        var (from, to) = (DateTimeOffset.FromUnixTimeSeconds(said.GetProperty("iat").GetInt64()), DateTimeOffset.FromUnixTimeSeconds(said.GetProperty("exp").GetInt64()));
        return AppKey.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            && said.GetProperty("iss").GetString() == "7" && from <= time.GetUtcNow() && to > time.GetUtcNow() && to - time.GetUtcNow() <= TimeSpan.FromMinutes(10);
    }

    private GitHubReply NewToken(GitHubRequest request)
    {
        var asked = request.Json!.AsObject();
        var token = $"ghs_{++_ids}";
        var until = time.GetUtcNow().AddHours(1);
        _tokens[token] = (Assert1(asked["repositories"]!.AsArray()), asked["permissions"]!.AsObject(), until);
        return new(201, new JsonObject { ["token"] = token, ["expires_at"] = until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) });
    }

    private static string Assert1(JsonArray names) => names.Count == 1 ? (string)names[0]! : throw new InvalidOperationException("the token is not narrowed to one repository");

    private bool IsKnown(GitHubRequest request) => request.Authorization![6..] is var token && (token == Token || (_tokens.TryGetValue(token, out var known) && known.Until > time.GetUtcNow()));

    private bool May(GitHubRequest request, string repository, string permission) => request.Authorization?.Split(' ') is ["Token", var token]
        && (token == Token || (_tokens.TryGetValue(token, out var known) && known.Until > time.GetUtcNow()
            && repository.EndsWith("/" + known.Repository, StringComparison.OrdinalIgnoreCase) && (string?)known.Permissions[permission] == "write"));

    private GitHubReply Set(string repository, string commit, JsonObject status)
    {
        Statuses.Add((repository, commit, status));
        return new(201, new JsonObject
        {
            ["url"] = $"https://api.github.com/repos/{repository}/statuses/{commit}",
            ["avatar_url"] = null,
            ["id"] = ++_ids,
            ["node_id"] = "x",
            ["state"] = (string?)status["state"],
            ["description"] = (string?)status["description"],
            ["target_url"] = (string?)status["target_url"],
            ["context"] = (string?)status["context"] ?? "default",
            ["created_at"] = Now(),
            ["updated_at"] = Now(),
            ["creator"] = null,
        });
    }

    private GitHubReply Create(string repository, List<GitHubStandInHook> hooks, JsonObject asked)
    {
        var config = Config(asked);
        if (hooks.Exists(h => h.Config["url"] == config["url"]))
        {
            return Invalid("Hook already exists on this repository");
        }

        if (hooks.Count >= MostHooks)
        {
            return Invalid("The \"push\" event cannot have more than 20 hooks");
        }

        var hook = new GitHubStandInHook { Id = ++_ids, Config = config, Events = Events(asked)!, Active = (bool?)asked["active"] ?? true };
        hooks.Add(hook);
        return new(201, View(repository, hook));
    }

    private GitHubReply Change(string repository, GitHubStandInHook hook, JsonObject asked)
    {
        hook.Config = asked["config"] is null ? hook.Config : Config(asked);
        hook.Events = Events(asked) ?? hook.Events;
        hook.Active = (bool?)asked["active"] ?? hook.Active;
        return new(200, View(repository, hook));
    }

    private static GitHubReply Delete(List<GitHubStandInHook> hooks, GitHubStandInHook hook)
    {
        hooks.Remove(hook);
        return new(204);
    }

    // Pages of per_page, the newest first; the cursor is the id that the next page begins with.
    private GitHubReply Page(GitHubRequest request, GitHubStandInHook hook)
    {
        var all = Deliveries.GetValueOrDefault(hook.Id) ?? [];
        var size = int.Parse(request.Query.GetValueOrDefault("per_page", "30"), CultureInfo.InvariantCulture);
        var from = request.Query.TryGetValue("cursor", out var cursor) ? all.FindIndex(d => d.Id == long.Parse(cursor, CultureInfo.InvariantCulture)) : 0;
        var page = new JsonArray([.. all.Skip(from).Take(size).Select(d => new JsonObject
        {
            ["id"] = d.Id,
            ["guid"] = d.Event,
            ["delivered_at"] = d.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["redelivery"] = d.Redelivery,
            ["duration"] = 0.03,
            ["status"] = d.StatusCode is >= 200 and < 300 ? "OK" : "Invalid HTTP Response: " + d.StatusCode,
            ["status_code"] = d.StatusCode,
            ["event"] = "push",
            ["action"] = null,
            ["installation_id"] = null,
            ["repository_id"] = 1,
        })]);
        return from + size < all.Count
            ? new(200, page, ("Link", $"<{{base}}{request.Path[1..]}?per_page={size}&cursor={all[from + size].Id}>; rel=\"next\""))
            : new(200, page);
    }

    private GitHubReply Again(GitHubStandInHook hook, long id)
    {
        var delivery = Deliveries[hook.Id].Find(d => d.Id == id);
        if (delivery is null)
        {
            return Error(404, "Not Found");
        }

        Redelivered.Add(id);
        Deliver(hook.Id, delivery.Event, time.GetUtcNow(), 502, redelivery: true);
        return new(202, new JsonObject());
    }

    private static Dictionary<string, string> Config(JsonObject asked) => asked["config"]!.AsObject().ToDictionary(p => p.Key, p => (string)p.Value!);

    private static List<string>? Events(JsonObject asked) => asked["events"]?.AsArray().Select(e => (string)e!).ToList();

    private JsonObject View(string repository, GitHubStandInHook hook)
    {
        var url = $"https://api.github.com/repos/{repository}/hooks/{hook.Id}";
        return new()
        {
            ["type"] = "Repository",
            ["id"] = hook.Id,
            ["name"] = "web",
            ["active"] = hook.Active,
            ["events"] = new JsonArray([.. hook.Events.Select(e => (JsonNode)e)]),
            ["config"] = new JsonObject(hook.Config.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)(p.Key == "secret" ? "********" : p.Value)))),
            ["updated_at"] = Now(),
            ["created_at"] = Now(),
            ["url"] = url,
            ["test_url"] = url + "/test",
            ["ping_url"] = url + "/pings",
            ["deliveries_url"] = url + "/deliveries",
            ["last_response"] = new JsonObject { ["code"] = null, ["status"] = "unused", ["message"] = null },
        };
    }

    private JsonObject Installation(string owner) => new()
    {
        ["id"] = 4711,
        ["account"] = null,
        ["access_tokens_url"] = "https://api.github.com/app/installations/4711/access_tokens",
        ["repositories_url"] = "https://api.github.com/installation/repositories",
        ["html_url"] = $"https://github.com/organizations/{owner}/settings/installations/4711",
        ["app_id"] = 7,
        ["app_slug"] = "pushcart",
        ["target_id"] = 1,
        ["target_type"] = "Organization",
        ["permissions"] = new JsonObject { ["statuses"] = "write", ["repository_hooks"] = "write", ["metadata"] = "read" },
        ["events"] = new JsonArray(),
        ["created_at"] = Now(),
        ["updated_at"] = Now(),
        ["single_file_name"] = null,
        ["repository_selection"] = "selected",
        ["suspended_at"] = null,
        ["suspended_by"] = null,
    };

    private string Now() => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

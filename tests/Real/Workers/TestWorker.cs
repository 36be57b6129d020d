using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>A worker as the server sees it: it calls over HTTP, and does nothing by itself.</summary>
internal sealed class TestWorker(HostProcess host, string name) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Name { get; } = name;

    /// <summary>The host that it calls.</summary>
    public HostProcess Host { get; set; } = host;

    public string Instance { get; set; } = Chance.System.NewId();

    /// <summary>What its process has drawn for itself; null: it says nothing of that.</summary>
    public string? Process { get; set; }

    /// <summary>What it shows: a worker token, or a service token.</summary>
    public string? Token { get; set; }

    public string Cluster { get; set; } = "north";

    public int Slots { get; set; } = 5;

    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    public Dictionary<string, string> Labels { get; } = [];

    public WorkerAbout About => new("1.0", "kubernetes", Cluster, Slots, Interval, Labels);

    public string PublicKey => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    public static string NewToken() => TokenValue.New(TokenValue.Worker, Chance.System);

    public Task<Reply> AskAsync(string path, object body, string? token = null) =>
        Host.AskAsync(token ?? Token, "POST", $"api/workers/{path}", body as string ?? JsonSerializer.Serialize(body, body.GetType(), WireJson.Options));

    /// <summary>Registers with a token that it draws.</summary>
    public async Task<Reply> RegisterAsync(string registration, string? token = null)
    {
        Token = token ?? NewToken();
        return await AskAsync("register", new RegisterRequest(Name, Instance, TokenValue.HashOf(Token), PublicKey, About), registration);
    }

    public Task<Reply> CheckInAsync(string? next = null, string state = "idle", string? error = null, IReadOnlyList<JobAttempt>? running = null) =>
        AskAsync("check-in", new CheckInRequest(Name, Instance, About, state, running ?? [], error, next is null ? null : TokenValue.HashOf(next), Process));

    /// <summary>Comes back by its key.</summary>
    /// <param name="token">Its next token.</param>
    /// <param name="at">Its time; null: now.</param>
    /// <param name="by">Whose key signs; null: its own.</param>
    public Task<Reply> RejoinAsync(string token, DateTimeOffset? at = null, TestWorker? by = null)
    {
        var (hash, time) = (TokenValue.HashOf(token), Rfc3339.Text(at ?? TimeProvider.System.GetUtcNow()));
        var signature = (by ?? this)._key.SignData(Encoding.UTF8.GetBytes(RejoinText.Of(Name, Instance, hash, time)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return Host.AskAsync(null, "POST", "api/workers/rejoin", WireJson.Write(new RejoinRequest(Name, Instance, hash, time, Convert.ToBase64String(signature))));
    }

    public Task<Reply> ClaimAsync(string? key = null, TimeSpan? wait = null, IReadOnlyList<JobAttempt>? back = null) =>
        AskAsync("claim", new ClaimRequest(Name, Instance, Cluster, "kubernetes", key ?? Chance.System.NewId(), Slots, Labels, back, wait));

    /// <summary>Claims a job that must be there.</summary>
    public async Task<ClaimAnswer> ClaimedAsync(string? key = null, TimeSpan? wait = null)
    {
        var answer = await ClaimAsync(key, wait);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Json}");
        return WireJson.Read<ClaimAnswer>(answer.Json.ToString());
    }

    /// <summary>Claims a job that must be there, and starts it.</summary>
    public async Task<ClaimAnswer> StartedAsync(string? key = null)
    {
        var claim = await ClaimedAsync(key);
        Assert.Equal(HttpStatusCode.OK, (await StartAsync(claim)).Status);
        return claim;
    }

    public Task<Reply> StartAsync(ClaimAnswer claim, bool anew = false, int? attempt = null, string? key = null) =>
        AskAsync($"jobs/{claim.Job.Id}/start", new StartRequest(Name, Instance, attempt ?? claim.Attempt, key ?? claim.Key, anew, claim.Run));

    public Task<Reply> RenewAsync(ClaimAnswer claim, string? progress = null, int? attempt = null, int? run = null) =>
        AskAsync($"jobs/{claim.Job.Id}/renew", new RenewRequest(Name, Instance, attempt ?? claim.Attempt, progress, run ?? claim.Run));

    public Task<Reply> ReportAsync(ClaimAnswer claim, string what, Func<ReportRequest, ReportRequest>? with = null)
    {
        var report = new ReportRequest(Name, Instance, claim.Attempt, claim.Run, what);
        return AskAsync($"jobs/{claim.Job.Id}/report", with is null ? report : with(report));
    }

    public Task<Reply> LogAsync(ClaimAnswer claim, int number, string text) => AskAsync($"jobs/{claim.Job.Id}/log", new LogChunk(Name, claim.Attempt, claim.Run, number, text));

    public Task<Reply> ReturnAsync(string? key = null, bool namespaces = false) => AskAsync("return", new ReturnRequest(Name, Instance, Cluster, key ?? Chance.System.NewId(), namespaces));

    public static async Task<IReadOnlyList<ClaimAnswer>> JobsOf(Task<Reply> returned)
    {
        var answer = await returned;
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Json}");
        return WireJson.Read<ReturnAnswer>(answer.Json.ToString()).Jobs;
    }

    public static int RetryAfter(Reply answer) => int.Parse(answer.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture);

    public void Dispose() => _key.Dispose();
}

/// <summary>What a refused call says.</summary>
internal static class ReplyReasons
{
    /// <summary>Status, and the reason beside the code.</summary>
    public static (int Status, string? Reason) Reason(this Reply answer) =>
        ((int)answer.Status, answer.Json.ValueKind == JsonValueKind.Object && answer.Json.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
}

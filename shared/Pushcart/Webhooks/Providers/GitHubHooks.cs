using System.Text.Json;

namespace Pushcart.Webhooks.Providers;

/// <summary>GitHub (docs.github.com, "Webhook events and payloads", "Validating webhook deliveries"). A signature by SHA-1 alone is none.</summary>
internal class GitHubHooks : HookProvider
{
    private const string Signature = "X-Hub-Signature-256";

    /// <inheritdoc/>
    public override string Name => "github";

    /// <inheritdoc/>
    public override string Section => "GitHub";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Addresses { get; } = ["repository.clone_url", "repository.ssh_url", "repository.html_url"];

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Pushes { get; } = ["push"];

    /// <inheritdoc/>
    public override string? Ping => "ping";

    /// <inheritdoc/>
    public override string ProofHeader(HookRequest request) => Signature;

    /// <inheritdoc/>
    public override Proof? ProofOf(HookRequest request) => Proof.OfHmac(request.Value(Signature), "sha256=");

    /// <inheritdoc/>
    public override string? EventOf(HookRequest request, Payload payload) => request.Value("X-GitHub-Event");

    /// <inheritdoc/>
    public override string? DeliveryOf(HookRequest request, Payload payload) => request.Value("X-GitHub-Delivery");

    /// <inheritdoc/>
    public override IReadOnlyList<PushedReference> ReferencesOf(JsonElement push) =>
        [Reference(Required(push, "ref"), Text(push, "after"), push.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True)];
}

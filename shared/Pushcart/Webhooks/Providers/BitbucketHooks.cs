using System.Text.Json;

namespace Pushcart.Webhooks.Providers;

/// <summary>Bitbucket Cloud (support.atlassian.com, "Event payloads"). One event may hold the changes of several references.</summary>
internal sealed class BitbucketHooks : HookProvider
{
    private const string Signature = "X-Hub-Signature";

    /// <inheritdoc/>
    public override string Name => "bitbucket";

    /// <inheritdoc/>
    public override string Section => "Bitbucket";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Addresses { get; } = ["repository.links.html.href"];

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Pushes { get; } = ["repo:push"];

    /// <inheritdoc/>
    public override string ProofHeader(HookRequest request) => Signature;

    /// <inheritdoc/>
    public override Proof? ProofOf(HookRequest request) => Proof.OfHmac(request.Value(Signature), "sha256=");

    /// <inheritdoc/>
    public override string? EventOf(HookRequest request, Payload payload) => request.Value("X-Event-Key");

    /// <inheritdoc/>
    public override string? DeliveryOf(HookRequest request, Payload payload) => request.Value("X-Request-UUID");

    /// <inheritdoc/>
    public override IReadOnlyList<PushedReference> ReferencesOf(JsonElement push) =>
        [.. push.GetProperty("push").GetProperty("changes").EnumerateArray().Select(ReferenceOf).OfType<PushedReference>()];

    // Without a new state the reference is gone.
    private static PushedReference? ReferenceOf(JsonElement change)
    {
        var now = change.TryGetProperty("new", out var set) && set.ValueKind == JsonValueKind.Object ? set : (JsonElement?)null;
        var state = now ?? change.GetProperty("old");
        var folder = Text(state, "type") switch { "branch" or "named_branch" => "refs/heads/", "tag" or "annotated_tag" => "refs/tags/", _ => null };
        var commit = now is { } there && there.TryGetProperty("target", out var target) && target.ValueKind == JsonValueKind.Object ? Text(target, "hash") : null;
        return folder is null || Text(state, "name") is not { } name ? null : Reference(folder + name, commit, isDeleted: now is null);
    }
}

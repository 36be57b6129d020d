namespace Pushcart.Webhooks.Providers;

/// <summary>
/// Gitea and Forgejo (docs.gitea.com, "Webhooks"; forgejo.org/docs, "Webhooks"). Their payload of a push is GitHub's, and they send GitHub's headers too. Where both sign, Forgejo's own
/// signature counts. A form is signed by its field, not as it is sent.
/// </summary>
internal sealed class GiteaHooks : GitHubHooks
{
    /// <inheritdoc/>
    public override string Name => "gitea";

    /// <inheritdoc/>
    public override string Section => "Gitea";

    /// <inheritdoc/>
    public override string? Ping => null;

    /// <inheritdoc/>
    public override bool Takes(HookRequest request) => request.Has("X-Gitea-Event") || request.Has("X-Forgejo-Event");

    /// <inheritdoc/>
    public override string ProofHeader(HookRequest request) => request.Has("X-Forgejo-Signature") ? "X-Forgejo-Signature" : "X-Gitea-Signature";

    /// <inheritdoc/>
    public override Proof? ProofOf(HookRequest request) => Proof.OfHmac(request.Value(ProofHeader(request)));

    /// <inheritdoc/>
    public override IReadOnlyList<ReadOnlyMemory<byte>> Signed(Payload payload) => payload.Json.Equals(payload.Raw) ? [payload.Raw] : [payload.Raw, payload.Json];

    /// <inheritdoc/>
    public override string? EventOf(HookRequest request, Payload payload) => request.Value("X-Forgejo-Event") ?? request.Value("X-Gitea-Event");

    /// <inheritdoc/>
    public override string? DeliveryOf(HookRequest request, Payload payload) => request.Value("X-Forgejo-Delivery") ?? request.Value("X-Gitea-Delivery");
}

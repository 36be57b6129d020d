using System.Text.Json;

namespace Pushcart.Webhooks.Providers;

/// <summary>GitLab (docs.gitlab.com, "Webhooks", "Webhook events"). The token is the secret itself: it needs https.</summary>
internal sealed class GitLabHooks : HookProvider
{
    private const string Token = "X-Gitlab-Token";

    /// <inheritdoc/>
    public override string Name => "gitlab";

    /// <inheritdoc/>
    public override string Section => "GitLab";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Addresses { get; } = ["project.git_http_url", "project.git_ssh_url", "project.web_url", "repository.git_http_url", "repository.git_ssh_url"];

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Pushes { get; } = ["Push Hook", "Tag Push Hook"];

    /// <inheritdoc/>
    public override string ProofHeader(HookRequest request) => Token;

    /// <inheritdoc/>
    public override Proof? ProofOf(HookRequest request) => request.Value(Token) is { } token ? new Proof.Shared(token) : null;

    /// <inheritdoc/>
    public override string? EventOf(HookRequest request, Payload payload) => request.Value("X-Gitlab-Event");

    /// <inheritdoc/>
    public override string? DeliveryOf(HookRequest request, Payload payload) => request.Value("Idempotency-Key") ?? request.Value("X-Gitlab-Event-UUID");

    /// <inheritdoc/>
    public override IReadOnlyList<PushedReference> ReferencesOf(JsonElement push) => [Reference(Required(push, "ref"), Text(push, "after"))];
}

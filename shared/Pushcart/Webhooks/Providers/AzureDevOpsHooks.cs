using System.Text.Json;

namespace Pushcart.Webhooks.Providers;

/// <summary>
/// Azure DevOps (learn.microsoft.com, "Service hooks events", "Webhooks with Azure DevOps"). The sender proves itself by basic authentication: the password is the secret, the user name may
/// be anything. Event and id stand in the body.
/// </summary>
internal sealed class AzureDevOpsHooks : HookProvider
{
    /// <inheritdoc/>
    public override string Name => "azuredevops";

    /// <inheritdoc/>
    public override string Section => "AzureDevOps";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Addresses { get; } = ["resource.repository.remoteUrl", "resource.repository.sshUrl", "resource.repository.webUrl"];

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Pushes { get; } = ["git.push"];

    /// <inheritdoc/>
    public override string ProofHeader(HookRequest request) => "Authorization: Basic";

    /// <inheritdoc/>
    public override Proof? ProofOf(HookRequest request) => Proof.OfBasic(request.Value("Authorization"));

    /// <inheritdoc/>
    public override string? EventOf(HookRequest request, Payload payload) => payload.Texts(["eventType"]) is [var type, ..] ? type : null;

    /// <inheritdoc/>
    public override string? DeliveryOf(HookRequest request, Payload payload) => payload.Texts(["id"]) is [var id, ..] ? id : null;

    /// <inheritdoc/>
    public override IReadOnlyList<PushedReference> ReferencesOf(JsonElement push) =>
        [.. push.GetProperty("resource").GetProperty("refUpdates").EnumerateArray().Select(update => Reference(Required(update, "name"), Text(update, "newObjectId")))];
}

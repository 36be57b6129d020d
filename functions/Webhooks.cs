using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Webhooks;

namespace Pushcart.Functions;

/// <summary>What starts checks by HTTP.</summary>
public sealed class WebhookFunctions(TriggerHooks triggers, ProviderHooks providers, ClientAddress clients)
{
    /// <summary>A trigger's own URL.</summary>
    [Function("TriggerHook")]
    [OwnAccess("by the trigger's header, or by a token of scope hook")]
    public async Task<IResult> Trigger(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "hooks/{namespace}/{trigger}/{source?}")] HttpRequest request,
        string @namespace, string trigger, string? source, CancellationToken cancellation) =>
        new HookResult(await triggers.TakeAsync(@namespace, trigger, source, HookResult.Read(request, clients), cancellation));

    /// <summary>The events of a provider.</summary>
    [Function("ProviderHook")]
    [OwnAccess("by the provider's signature")]
    public async Task<IResult> Provider(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "hooks/{provider}")] HttpRequest request, string provider, CancellationToken cancellation) =>
        new HookResult(await providers.TakeAsync(provider, HookResult.Read(request, clients), cancellation));
}

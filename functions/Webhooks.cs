using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;
using Pushcart.Webhooks;

namespace Pushcart.Functions;

/// <summary>What starts checks by HTTP.</summary>
public sealed class WebhookFunctions(TriggerHooks triggers, ProviderHooks providers, ClientAddress clients)
{
    /// <summary>Fires a webhook trigger by its own URL: all its sources, or one. Nothing is read of the body.</summary>
    [Function("TriggerHook")]
    [OwnAccess("by the trigger's header, or by a token of scope hook", Token = Scope.Hook)]
    [Returns(202, typeof(HookReply))]
    [Returns(200, typeof(HookReply), Meaning = "Nothing follows.")]
    [Returns(400, typeof(HookReply))]
    [Returns(401, typeof(HookReply))]
    [Returns(403, typeof(HookReply))]
    [Returns(404, typeof(HookReply))]
    [Returns(429, typeof(HookReply))]
    [Returns(500, typeof(HookReply))]
    [Returns(503, typeof(HookReply))]
    public async Task<IResult> Trigger(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "hooks/{namespace}/{trigger}/{source?}")] HttpRequest request,
        string @namespace, string trigger, string? source, CancellationToken cancellation) =>
        new HookResult(await triggers.TakeAsync(@namespace, trigger, source, HookResult.Read(request, clients), cancellation));

    /// <summary>Takes an event of a provider, and checks what was pushed.</summary>
    [Function("ProviderHook")]
    [OwnAccess("by the provider's signature")]
    [Body(RequestSchemas.Event, "application/json", "application/x-www-form-urlencoded")]
    [Returns(202, typeof(HookReply))]
    [Returns(200, typeof(HookReply), Meaning = "Nothing follows.")]
    [Returns(400, typeof(HookReply))]
    [Returns(401, typeof(HookReply))]
    [Returns(404, typeof(HookReply))]
    [Returns(413, typeof(HookReply))]
    [Returns(415, typeof(HookReply))]
    [Returns(429, typeof(HookReply))]
    [Returns(503, typeof(HookReply))]
    public async Task<IResult> Provider(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "hooks/{provider}")] HttpRequest request, string provider, CancellationToken cancellation) =>
        new HookResult(await providers.TakeAsync(provider, HookResult.Read(request, clients), cancellation));
}

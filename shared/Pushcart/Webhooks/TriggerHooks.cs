using Microsoft.Extensions.Logging;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tokens;
using Pushcart.Triggers.Owed;

namespace Pushcart.Webhooks;

/// <summary>
/// Takes the calls of triggers' own URLs, <c>POST hooks/{namespace}/{trigger}/{source?}</c>. Bodies are ignored. In this order: the limit by address, the trigger, who calls, whether the
/// trigger is suspended, the limits of the trigger and its source, the source. So nobody uses up a trigger's calls who may not call it.
/// </summary>
public sealed class TriggerHooks(HookLimits limits, TokenVerification tokens, ISecrets secrets, ResourceStore resources, Owing owing, Chance chance, ILogger<TriggerHooks> log)
{
    /// <summary>Answers a call.</summary>
    /// <param name="ns">Namespace of the trigger.</param>
    /// <param name="name">Name of the trigger.</param>
    /// <param name="source">Name of the source; null: all of them.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<HookAnswer> TakeAsync(string ns, string name, string? source, HookRequest request, CancellationToken cancellation)
    {
        var answer = await AnswerAsync(ns, name, source, request, cancellation).ConfigureAwait(false);
        Measures.Answered("trigger", answer.Code);
        return answer;
    }

    private async Task<HookAnswer> AnswerAsync(string ns, string name, string? source, HookRequest request, CancellationToken cancellation)
    {
        if (limits.TakeFrom(request.Client) is { } wait)
        {
            return HookAnswer.Limited(wait);
        }

        try
        {
            var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
            return catalog.Find(new ResourceName(ResourceKind.WebhookTrigger, ns, name)) is not { Spec: WebhookTriggerSpec spec } trigger
                ? HookAnswer.Refused(404, "trigger doesn't exist")
                : await RefusalAsync(trigger, spec, catalog, request, cancellation).ConfigureAwait(false)
                    ?? await TakeAsync(trigger, spec, source, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFailure.IsAway(e, cancellation))
        {
            log.LogWarning("a call of WebhookTrigger {Namespace}/{Name} was not accepted, storage does not answer: {Error}", ns, name, e.Message);
            return HookAnswer.Away;
        }
    }

    /// <summary>
    /// Why the caller may not call; null where it may. A bearer token of scope <c>hook</c> for the namespace does in place of the header, and is asked for first.
    /// </summary>
    private async Task<HookAnswer?> RefusalAsync(Resource trigger, WebhookTriggerSpec spec, Catalog catalog, HookRequest request, CancellationToken cancellation)
    {
        if (spec.Auth is not { } auth)
        {
            return null;
        }

        var refusal = HookAnswer.Refused(401, "authorization is required");
        if (BearerToken.Of(request.Value("Authorization")) is { } token && TokenValue.HasForm(token))
        {
            if (await RefusalAsync(token, trigger.Name.Namespace!, cancellation).ConfigureAwait(false) is not { } ofToken)
            {
                return null;
            }

            refusal = ofToken;
        }

        var header = auth.Header ?? catalog.Settings.TriggerAuthHeader;
        if (!request.Has(header))
        {
            return refusal;
        }

        var secret = await secrets.ReadAsync(auth.Secret.Namespace ?? trigger.Name.Namespace!, auth.Secret.Name, auth.Secret.Key, cancellation).ConfigureAwait(false);
        if (secret.Value is null || secret.Value.Trim().Length == 0)
        {
            log.LogWarning("{Trigger} cannot be called, its secret cannot be read: {Error}", trigger.Name, secret.Error ?? "it is empty");
            return HookAnswer.Refused(500, "unable to complete authorization");
        }

        return request.Value(header) is { } value && Proof.Equal(value, secret.Value) ? null : HookAnswer.Refused(403, "forbidden");
    }

    private async Task<HookAnswer?> RefusalAsync(string token, string ns, CancellationToken cancellation) => await tokens.VerifyAsync(token, cancellation).ConfigureAwait(false) switch
    {
        null => HookAnswer.Refused(401, "the token is unknown, revoked or expired"),
        { Namespaces: var namespaces } when !namespaces.Has(ns) => HookAnswer.Refused(404, "trigger doesn't exist"),
        { } caller => caller.May(Scope.Hook) ? null : HookAnswer.Refused(403, "forbidden"),
    };

    private async Task<HookAnswer> TakeAsync(Resource trigger, WebhookTriggerSpec spec, string? source, CancellationToken cancellation)
    {
        if (spec.Suspend)
        {
            return HookAnswer.Nothing("suspended");
        }

        if (limits.TakeOf(trigger.Name, source is not null && spec.Sources.Names.Contains(source) ? source : null) is { } wait)
        {
            return HookAnswer.Limited(wait);
        }

        if (source is null && !spec.MultiSource)
        {
            return HookAnswer.Refused(400, "multi-source hook isn't allowed");
        }

        if (source is not null && !spec.Sources.Names.Contains(source))
        {
            return HookAnswer.Refused(404, "source doesn't exist in the trigger");
        }

        var id = chance.NewId();
        var names = source is null ? spec.Sources.Names : [source];
        await owing.OweAllAsync(id, $"webhook {trigger.Name.Namespace}/{trigger.Name.Name}", names.Select(s => new EventCheck(trigger.Uid, s)), body: null, cancellation).ConfigureAwait(false);
        return HookAnswer.Accepted(id);
    }
}

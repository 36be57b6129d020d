using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;
using Pushcart.Triggers.Status;
using Pushcart.Triggers.Steering;

namespace Pushcart.Functions.Api;

/// <summary>Triggers, and how they stand.</summary>
public sealed class TriggersApi(TriggerQueries triggers, TriggerSteering steering, Explaining explaining)
{
    /// <summary>All triggers.</summary>
    [Function("ListTriggers")]
    [Access(Scope.Read)]
    [Returns(200, typeof(TriggerList))]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/triggers")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Ok(new TriggerList(await triggers.AllAsync(request.Caller().Namespaces, cancellation)));

    /// <summary>Runs a trigger now, whatever has changed: all its sources or <c>?source=</c>; with <c>ifChanged=true</c> it is a check. Once for each <c>Idempotency-Key</c>.</summary>
    [Function("RunTrigger")]
    [Access(Scope.Write)]
    [Query("source", "Only this source of it")]
    [Flag("ifChanged", "It is a check: only what has changed fires")]
    [Header("Idempotency-Key", HeaderAttribute.OnceMeaning)]
    [Returns(202, typeof(RunAccepted))]
    [Refuses("query.invalid", "triggers.unknown_kind", "resources.not_found", "triggers.unusable", "triggers.no_such_source", "idempotency.invalid_key", "idempotency.other_request")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/triggers/{kind}/{namespace}/{name}/run")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation)
    {
        var run = new RunOptions(request.Query["source"], request.Query["ifChanged"]);
        var answer = await steering.RunAsync(kind, @namespace, name, run, request.Headers["Idempotency-Key"], request.Caller().Name, cancellation);
        return Answers.Of(answer, StatusCodes.Status202Accepted);
    }

    /// <summary>Suspends a trigger: nothing of it fires but a manual run.</summary>
    [Function("SuspendTrigger")]
    [Access(Scope.Write)]
    [Returns(200, typeof(SuspendedView))]
    [Refuses("triggers.unknown_kind", "resources.not_found", "triggers.unusable", "apply.busy", "apply.too_large", "manifests.invalid")]
    public async Task<IResult> Suspend(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/triggers/{kind}/{namespace}/{name}/suspend")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.SuspendAsync(kind, @namespace, name, suspend: true, cancellation));

    /// <summary>Resumes a trigger: it is checked at once, and then on its schedule.</summary>
    [Function("ResumeTrigger")]
    [Access(Scope.Write)]
    [Returns(200, typeof(SuspendedView))]
    [Refuses("triggers.unknown_kind", "resources.not_found", "triggers.unusable", "apply.busy", "apply.too_large", "manifests.invalid")]
    public async Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/triggers/{kind}/{namespace}/{name}/resume")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.SuspendAsync(kind, @namespace, name, suspend: false, cancellation));

    /// <summary>What a check would do now for each source, and why. Nothing is written.</summary>
    [Function("ExplainTrigger")]
    [Access(Scope.Read)]
    [Returns(200, typeof(TriggerExplanation))]
    [Refuses("triggers.unknown_kind", "resources.not_found", "triggers.unusable")]
    public async Task<IResult> Explain(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/triggers/{kind}/{namespace}/{name}/explain")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await explaining.ExplainAsync(kind, @namespace, name, cancellation));
}

/// <summary>Triggers in a list.</summary>
/// <param name="Triggers">By namespace and name.</param>
internal sealed record TriggerList(IReadOnlyList<TriggerView> Triggers);

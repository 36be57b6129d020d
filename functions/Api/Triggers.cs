using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Tokens;
using Pushcart.Triggers;
using Pushcart.Triggers.Status;

namespace Pushcart.Functions.Api;

/// <summary>Triggers, and how they stand.</summary>
public sealed class TriggersApi(TriggerQueries triggers, TriggerSteering steering, Explaining explaining)
{
    /// <summary>All triggers.</summary>
    [Function("ListTriggers")]
    [Access(Scope.Read)]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/triggers")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Ok(new { triggers = await triggers.AllAsync(request.Caller().Namespaces, cancellation) });

    /// <summary>Runs a trigger now, whatever has changed: all its sources or <c>?source=</c>; with <c>ifChanged=true</c> it is a check. Once for each <c>Idempotency-Key</c>.</summary>
    [Function("RunTrigger")]
    [Access(Scope.Write)]
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
    public async Task<IResult> Suspend(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/triggers/{kind}/{namespace}/{name}/suspend")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.SuspendAsync(kind, @namespace, name, suspend: true, cancellation));

    /// <summary>Resumes a trigger: it is checked at once, and then on its schedule.</summary>
    [Function("ResumeTrigger")]
    [Access(Scope.Write)]
    public async Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/triggers/{kind}/{namespace}/{name}/resume")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.SuspendAsync(kind, @namespace, name, suspend: false, cancellation));

    /// <summary>What a check would do now for each source, and why. Nothing is written.</summary>
    [Function("ExplainTrigger")]
    [Access(Scope.Read)]
    public async Task<IResult> Explain(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/triggers/{kind}/{namespace}/{name}/explain")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await explaining.ExplainAsync(kind, @namespace, name, cancellation));
}

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Resources.Stored;
using Pushcart.Tokens;
using Pushcart.Triggers.Steering;

namespace Pushcart.Functions.Api;

/// <summary>Resources: apply, list, get, delete, export.</summary>
public sealed class ResourcesApi(ResourceQueries resources, ResourceSteering steering)
{
    /// <summary>Applies manifests, all or nothing; with <c>dryRun=true</c> tells what that would do.</summary>
    [Function("ApplyResources")]
    [Access(Scope.Write)]
    [Flag("dryRun", "Nothing is written")]
    [Body(RequestSchemas.Manifest, "application/yaml", "application/json")]
    [Returns(200, typeof(AppliedView))]
    [Refuses("query.invalid", "body.too_large", "body.invalid", "manifests.invalid", "resources.elsewhere", "apply.too_many_changes", "apply.too_large", "apply.busy")]
    public async Task<IResult> Apply([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/apply")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Of(await steering.ApplyAsync(request.Body, request.ContentLength, request.Query["dryRun"], request.Caller().Namespaces, cancellation));

    /// <summary>All resources of a kind.</summary>
    [Function("ListResources")]
    [Access(Scope.Read)]
    [Returns(200, typeof(ResourceList))]
    [Refuses("resources.unknown_kind")]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/resources/{kind}")] HttpRequest request, string kind, CancellationToken cancellation) =>
        Answers.Of(await resources.ListAsync(kind, request.Caller().Namespaces, cancellation));

    /// <summary>One resource of a namespace.</summary>
    [Function("GetResource")]
    [Access(Scope.Read)]
    [Returns(200, typeof(ResourceView))]
    [Refuses("resources.unknown_kind", "resources.not_found")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/resources/{kind}/{namespace}/{name}")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await resources.FindAsync(kind, @namespace, name, cancellation));

    /// <summary>One resource of the cluster.</summary>
    [Function("GetClusterResource")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(ResourceView))]
    [Refuses("resources.unknown_kind", "resources.not_found")]
    public async Task<IResult> GetOfCluster(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/resources/{kind}/{name}")] HttpRequest request, string kind, string name, CancellationToken cancellation) =>
        Answers.Of(await resources.FindAsync(kind, null, name, cancellation));

    /// <summary>Deletes a resource of a namespace; one that others name with <c>force=true</c> only.</summary>
    [Function("DeleteResource")]
    [Access(Scope.Write)]
    [Flag("force", "It goes although others name it")]
    [Returns(200, typeof(ResourceRef), Meaning = "What went.")]
    [Refuses("query.invalid", "resources.unknown_kind", "resources.not_found", "resources.in_use", "apply.busy")]
    public async Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/resources/{kind}/{namespace}/{name}")] HttpRequest request,
        string kind, string @namespace, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.DeleteAsync(kind, @namespace, name, request.Query["force"], cancellation));

    /// <summary>Deletes a resource of the cluster; one that others name with <c>force=true</c> only.</summary>
    [Function("DeleteClusterResource")]
    [Access(Scope.Write, OfCluster = true)]
    [Flag("force", "It goes although others name it")]
    [Returns(200, typeof(ResourceRef), Meaning = "What went.")]
    [Refuses("query.invalid", "resources.unknown_kind", "resources.not_found", "resources.in_use", "apply.busy")]
    public async Task<IResult> DeleteOfCluster(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/resources/{kind}/{name}")] HttpRequest request, string kind, string name, CancellationToken cancellation) =>
        Answers.Of(await steering.DeleteAsync(kind, null, name, request.Query["force"], cancellation));

    /// <summary>All resources as manifests.</summary>
    [Function("ExportResources")]
    [Access(Scope.Read)]
    [Returns(200, "application/yaml", Meaning = "Manifests, which apply takes again.")]
    public async Task<IResult> Export([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/export")] HttpRequest request, CancellationToken cancellation) =>
        Results.Text(await resources.ExportAsync(request.Caller().Namespaces, cancellation), "application/yaml; charset=utf-8");
}

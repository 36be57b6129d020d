using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Resources;
using Pushcart.Tokens;
using Pushcart.Triggers.Status;

namespace Pushcart.Functions.Api;

/// <summary>Sources.</summary>
public sealed class SourcesApi(SourceQueries sources, SourceTesting testing)
{
    /// <summary>All sources, with their health.</summary>
    [Function("ListSources")]
    [Access(Scope.Read)]
    [Returns(200, typeof(SourceList))]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/sources")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Ok(new SourceList(await sources.AllAsync(request.Caller().Namespaces, cancellation)));

    /// <summary>Looks at a source of a namespace once, writes nothing, and tells each step.</summary>
    [Function("TestGitRepo")]
    [Access(Scope.Write)]
    [Returns(200, typeof(SourceTest))]
    [Refuses("sources.not_found")]
    public async Task<IResult> TestOne(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/sources/GitRepo/{namespace}/{name}/test")] HttpRequest request,
        string @namespace, string name, CancellationToken cancellation) =>
        Answers.Found(await testing.TestAsync(new(ResourceKind.GitRepo, @namespace, name), cancellation), "sources.not_found", $"there is no GitRepo {@namespace}/{name}");

    /// <summary>Looks at a source of the cluster once, writes nothing, and tells each step.</summary>
    [Function("TestClusterGitRepo")]
    [Access(Scope.Write, OfCluster = true)]
    [Returns(200, typeof(SourceTest))]
    [Refuses("sources.not_found")]
    public async Task<IResult> TestOfCluster(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/sources/ClusterGitRepo/{name}/test")] HttpRequest request, string name, CancellationToken cancellation) =>
        Answers.Found(await testing.TestAsync(new(ResourceKind.ClusterGitRepo, null, name), cancellation), "sources.not_found", $"there is no ClusterGitRepo {name}");
}

/// <summary>Sources in a list.</summary>
/// <param name="Sources">By namespace and name.</param>
internal sealed record SourceList(IReadOnlyList<SourceView> Sources);

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>Tokens.</summary>
public sealed class TokensApi(TokenStore tokens, TimeProvider time)
{
    /// <summary>Makes one; its value is in this answer and nowhere else.</summary>
    [Function("CreateToken")]
    [Access(Scope.Admin, OfCluster = true)]
    public async Task<IResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tokens")] HttpRequest request, CancellationToken cancellation) =>
        await TokenResult.OfAsync(TokenFields.ReadTokenAsync(request.Body, cancellation), wanted => tokens.CreateAsync(wanted, request.Caller().Name, cancellation), StatusCodes.Status201Created, time);

    /// <summary>A page of them, newest first, without values.</summary>
    [Function("ListTokens")]
    [Access(Scope.Admin, OfCluster = true)]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tokens")] HttpRequest request, CancellationToken cancellation) =>
        TokenResult.Page(await tokens.PageAsync(request.Query["next"], cancellation), time);

    /// <summary>One, without its value.</summary>
    [Function("GetToken")]
    [Access(Scope.Admin, OfCluster = true)]
    public async Task<IResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tokens/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        TokenResult.One(await tokens.FindAsync(id, cancellation), id, time);

    /// <summary>Deletes one: it is refused from the next request on, by other instances within 30 s.</summary>
    [Function("DeleteToken")]
    [Access(Scope.Admin, OfCluster = true)]
    public async Task<IResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/tokens/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        TokenResult.Of(await tokens.DeleteAsync(id, cancellation), id, StatusCodes.Status204NoContent, time);

    /// <summary>Gives one a new value; the one before works on for an overlap.</summary>
    [Function("RotateToken")]
    [Access(Scope.Admin, OfCluster = true)]
    public async Task<IResult> Rotate([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tokens/{id}/rotate")] HttpRequest request, string id, CancellationToken cancellation) =>
        await TokenResult.OfAsync(TokenFields.ReadRotationAsync(request.Body, cancellation), wanted => tokens.RotateAsync(id, wanted, cancellation), StatusCodes.Status200OK, time, id);
}

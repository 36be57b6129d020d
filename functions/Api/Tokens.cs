using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>Tokens.</summary>
public sealed class TokensApi(TokenStore tokens, TimeProvider time)
{
    /// <summary>Makes a token; its value is in this answer and nowhere else.</summary>
    [Function("CreateToken")]
    [Access(Scope.Admin, OfCluster = true)]
    [Body(RequestSchemas.NewToken)]
    [Returns(201, typeof(TokenView))]
    [Refuses("tokens.description_missing", "tokens.invalid", "tokens.changing")]
    public async Task<IResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tokens")] HttpRequest request, CancellationToken cancellation) =>
        await TokenResult.OfAsync(TokenFields.ReadTokenAsync(request.Body, cancellation), wanted => tokens.CreateAsync(wanted, request.Caller().Name, cancellation), StatusCodes.Status201Created, time);

    /// <summary>A page of tokens, newest first, without values.</summary>
    [Function("ListTokens")]
    [Access(Scope.Admin, OfCluster = true)]
    [Query("next", "What the page before answered")]
    [Returns(200, typeof(TokenList))]
    [Refuses("tokens.invalid_next")]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tokens")] HttpRequest request, CancellationToken cancellation) =>
        TokenResult.Page(await tokens.PageAsync(request.Query["next"], cancellation), time);

    /// <summary>One token, without its value.</summary>
    [Function("GetToken")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(200, typeof(TokenView))]
    [Refuses("tokens.not_found")]
    public async Task<IResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tokens/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        TokenResult.One(await tokens.FindAsync(id, cancellation), id, time);

    /// <summary>Deletes a token: it is refused from the next request on, by other instances within 30 s.</summary>
    [Function("DeleteToken")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(204, Meaning = "It is gone.")]
    [Refuses("tokens.not_found", "tokens.changing")]
    public async Task<IResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/tokens/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        TokenResult.Deleted(await tokens.DeleteAsync(id, cancellation));

    /// <summary>Gives a token a new value; the one before works on for an overlap.</summary>
    [Function("RotateToken")]
    [Access(Scope.Admin, OfCluster = true)]
    [Body(RequestSchemas.Rotation, IsOptional = true)]
    [Returns(200, typeof(TokenView))]
    [Refuses("tokens.not_found", "tokens.invalid", "tokens.changing")]
    public async Task<IResult> Rotate([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tokens/{id}/rotate")] HttpRequest request, string id, CancellationToken cancellation) =>
        await TokenResult.OfAsync(TokenFields.ReadRotationAsync(request.Body, cancellation), wanted => tokens.RotateAsync(id, wanted, cancellation), StatusCodes.Status200OK, time);
}

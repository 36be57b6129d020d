using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;

namespace Pushcart.Functions.Api;

/// <summary>The description of this API.</summary>
public sealed class DescriptionApi
{
    /// <summary>The description of every HTTP function, by OpenAPI 3.1.</summary>
    [Function("OpenApi")]
    [Anonymous("it tells of the program, which is public, and nothing of this installation; generators and viewers ask without a token")]
    [Returns(200, "application/json", Meaning = "An OpenAPI 3.1 document.")]
    public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/openapi.json")] HttpRequest request) =>
        Results.Bytes(OpenApiDocument.Text, "application/json; charset=utf-8");
}

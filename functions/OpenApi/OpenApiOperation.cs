using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.Api;
using Pushcart.Tokens;

namespace Pushcart.Functions.OpenApi;

/// <summary>The description of one function at one path.</summary>
internal sealed partial class OpenApiOperation(MethodInfo function, string path, bool withOptional, DocComments docs, AnswerSchemas schemas)
{
    /// <summary>Name of the scheme of bearer tokens.</summary>
    public const string TokenScheme = "token";

    private const string Json = "application/json";

    private static readonly Dictionary<string, string> s_pathMeanings = new(StringComparer.Ordinal)
    {
        ["id"] = "Its id",
        ["kind"] = "Its kind, as manifests write it",
        ["name"] = "Its name",
        ["namespace"] = "Its namespace",
        ["pod"] = "A pod of that name",
        ["provider"] = "`github`, `gitlab`, `gitea`, `bitbucket` or `azuredevops`",
        ["queue"] = "`checks`, `jobs`, `checks-poison` or `jobs-poison`",
        ["source"] = "One source of it; without it all are checked",
        ["trigger"] = "Name of the trigger",
    };

    private readonly AccessRuleAttribute? _access = function.GetCustomAttribute<AccessRuleAttribute>();
    private readonly BodyAttribute? _body = function.GetCustomAttribute<BodyAttribute>();

    /// <summary>The topic of a class of functions.</summary>
    public static string TagOf(Type type) => Suffix().Replace(type.Name, "");

    /// <summary>The operation.</summary>
    public JsonObject ToJson()
    {
        var text = docs.Of(function);
        var id = function.GetCustomAttribute<FunctionAttribute>()!.Name;
        var operation = new JsonObject
        {
            ["operationId"] = withOptional ? id + "WithOptional" : id,
            ["tags"] = new JsonArray(TagOf(function.DeclaringType!)),
        };
        if (text is not null)
        {
            operation["summary"] = DocComments.FirstSentence(text);
        }

        operation["description"] = string.Join(" ", new[] { text, AccessText() }.OfType<string>());
        if (Parameters() is { Count: > 0 } parameters)
        {
            operation["parameters"] = parameters;
        }

        if (_body is not null)
        {
            if (_body.Type is { } type)
            {
                schemas.OfRequest(type);
            }
            else
            {
                schemas.Components[_body.Schema] = RequestSchemas.Of(_body.Schema);
            }

            operation["requestBody"] = new JsonObject
            {
                ["required"] = !_body.IsOptional,
                ["content"] = new JsonObject(_body.ContentTypes.Select(type => KeyValuePair.Create(type, (JsonNode?)Content(AnswerSchemas.Reference(_body.Schema))))),
            };
        }

        operation["responses"] = Responses();
        operation["security"] = Security();
        return operation;
    }

    private string? AccessText() => _access switch
    {
        AccessAttribute { FreeOnThisMachine: true } => "Takes a token for all namespaces, but not of a program on the host's own machine, nor where the settings let anybody.",
        AccessAttribute { OfCluster: true } => "Takes a token for all namespaces.",
        OwnAccessAttribute own => $"It asks who calls {own.How}.",
        AnonymousAttribute anonymous => $"Anybody may call it: {anonymous.Reason}.",
        _ => null,
    };

    // The scopes of a bearer token stand as its roles, which OpenAPI has had since 3.1.
    private JsonArray Security() => _access switch
    {
        AccessAttribute { FreeOnThisMachine: true } free => [new JsonObject(), Roles(free.Scope)],
        AccessAttribute access => [Roles(access.Scope)],
        OwnAccessAttribute { Token: not Scope.None and var scope } => [new JsonObject(), Roles(scope)],
        _ => [],
    };

    private static JsonObject Roles(Scope scope) => new() { [TokenScheme] = new JsonArray([.. Scopes.WordsOf(scope).Select(word => (JsonNode)word)]) };

    private JsonArray Parameters()
    {
        JsonArray parameters = [.. Names().Matches(path).Select(match => Parameter("path", match.Groups[1].Value, s_pathMeanings.GetValueOrDefault(match.Groups[1].Value), Text(null)))];
        foreach (var query in function.GetCustomAttributes<QueryAttribute>())
        {
            parameters.Add(Parameter("query", query.Name, query.Meaning, SchemaOf(query)));
        }

        foreach (var header in function.GetCustomAttributes<HeaderAttribute>())
        {
            parameters.Add(Parameter("header", header.Name, header.Meaning, Text(null)));
        }

        return parameters;
    }

    private static JsonObject Parameter(string where, string name, string? meaning, JsonObject schema)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = where, ["schema"] = schema };
        if (meaning is not null)
        {
            parameter["description"] = meaning;
        }

        if (where == "path")
        {
            parameter["required"] = true;
        }

        return parameter;
    }

    private static JsonObject SchemaOf(QueryAttribute query) => query switch
    {
        FlagAttribute => new() { ["type"] = "boolean", ["default"] = false },
        { Most: > 0 } => new() { ["type"] = "integer", ["minimum"] = query.Least, ["maximum"] = query.Most },
        { Words: { } words } => new() { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) },
        _ => Text(query.Format),
    };

    private static JsonObject Text(string? format)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (format is not null)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private JsonObject Responses()
    {
        var returned = function.GetCustomAttributes<ReturnsAttribute>().ToLookup(r => r.Status);
        var refused = Codes().ToLookup(ErrorCodes.StatusOf);
        var responses = new JsonObject();
        foreach (var status in returned.Select(r => r.Key).Union(refused.Select(r => r.Key)).Order())
        {
            responses.Add(status.ToString(System.Globalization.CultureInfo.InvariantCulture), Response(status, [.. returned[status]], [.. refused[status].Order(StringComparer.Ordinal)]));
        }

        return responses;
    }

    private JsonObject Response(int status, List<ReturnsAttribute> returned, List<string> codes)
    {
        var bodies = returned.Where(r => r.ContentType is not null).Select(r => (Type: r.ContentType!, Schema: r.Body is { } body ? schemas.Of(body) : Text(null))).ToList();
        var meanings = returned.Select(r => r.Meaning ?? (r.Body is { } body ? docs.Of(body) : null)).OfType<string>().Distinct().ToList();
        if (codes.Count > 0)
        {
            bodies.Add((Json, ErrorOf(codes)));
            meanings.Add(string.Join(", ", codes.Select(code => $"`{code}`")));
        }

        var response = new JsonObject { ["description"] = meanings.Count > 0 ? string.Join(" ", meanings) : ReasonPhrases.GetReasonPhrase(status) };
        if (status == StatusCodes.Status429TooManyRequests)
        {
            response["headers"] = new JsonObject
            {
                ["Retry-After"] = new JsonObject { ["description"] = "Seconds to wait", ["schema"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1 } },
            };
        }

        if (bodies.Count > 0)
        {
            response["content"] = new JsonObject(bodies.GroupBy(b => b.Type).Select(type =>
                KeyValuePair.Create(type.Key, (JsonNode?)Content(type.Count() == 1 ? type.Single().Schema : new JsonObject { ["anyOf"] = new JsonArray([.. type.Select(b => b.Schema)]) }))));
        }

        return response;
    }

    private JsonObject ErrorOf(List<string> codes) => new()
    {
        ["allOf"] = new JsonArray(
            schemas.Of(typeof(Error)),
            new JsonObject { ["properties"] = new JsonObject { ["code"] = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(code => (JsonNode)code)]) } } }),
    };

    // Those of the middleware around every function, of its access and of its having a body; and its own.
    private IEnumerable<string> Codes()
    {
        List<string> codes = [ErrorCodes.StorageAway, ErrorCodes.Internal, .. function.GetCustomAttribute<RefusesAttribute>()?.Codes ?? []];
        if (_access is AccessAttribute access)
        {
            codes.AddRange([ErrorCodes.NoAuthorization, ErrorCodes.InvalidToken, ErrorCodes.Forbidden]);
            if (access.OfCluster || path.Contains("{namespace}", StringComparison.Ordinal))
            {
                codes.Add(ErrorCodes.NotThere);
            }
        }

        if (_body is not null)
        {
            codes.AddRange([ErrorCodes.BadRequest, ErrorCodes.TooLarge]);
        }

        return codes.Distinct();
    }

    private static JsonObject Content(JsonNode schema) => new() { ["schema"] = schema };

    [GeneratedRegex("(Api|Functions)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Names();
}

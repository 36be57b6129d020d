using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Jobs.Views;
using Pushcart.Tests.Support;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Functions.OpenApi;

/// <summary>The description of the API is whole. That it is true, every test of a host looks at: its client compares each answer.</summary>
public sealed partial class OpenApiDocumentTests
{
    private static readonly JsonObject s_document = JsonNode.Parse(OpenApiDocument.Text)!.AsObject();

    private static readonly List<(string Path, string Method, JsonObject Operation)> s_operations =
        [.. s_document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => (path.Key, o.Key, o.Value!.AsObject())))];

    [Fact]
    public void A_reader_of_OpenAPI_finds_nothing_wrong()
    {
        var (document, diagnostic) = Microsoft.OpenApi.OpenApiDocument.Parse(s_document.ToJsonString(), "json");

        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.Equal(Microsoft.OpenApi.OpenApiSpecVersion.OpenApi3_1, diagnostic.SpecificationVersion);
        Assert.Equal(s_document["paths"]!.AsObject().Count, document!.Paths.Count);
    }

    [Fact]
    public void Every_http_function_declares_what_it_answers() =>
        Assert.Empty(OpenApiDocument.Functions().Where(f => !f.GetCustomAttributes<ReturnsAttribute>().Any()).Select(f => $"{NameOf(f)} has no [Returns]: see functions/OpenApi"));

    [Fact]
    public void Every_http_function_is_described_with_its_route_method_and_scope_and_nothing_else_is()
    {
        var expected = OpenApiDocument.Functions().SelectMany(f => OpenApiDocument.TriggerOf(f)!.Methods!.SelectMany(method => Routes(OpenApiDocument.TriggerOf(f)!.Route!).Select(path => $"{method} {path}")));
        Assert.Equal(expected.Order(StringComparer.Ordinal), s_operations.Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));
        Assert.Equal(s_operations.Count, s_operations.Select(o => (string)o.Operation["operationId"]!).Distinct().Count());

        foreach (var function in OpenApiDocument.Functions())
        {
            var operation = s_operations.First(o => (string)o.Operation["operationId"]! == NameOf(function)).Operation;
            var security = operation["security"]!.ToJsonString();
            Assert.Equal(function.GetCustomAttribute<AccessAttribute>() is { } access ? $$"""[{{(access.FreeOnThisMachine ? "{}," : "")}}{"token":["{{Scopes.WordsOf(access.Scope)[0]}}"]}]""" : NameOf(function) == "TriggerHook" ? """[{},{"token":["hook"]}]""" : "[]", security);
            Assert.True(function.GetCustomAttribute<AccessAttribute>() is null || operation["responses"]!["401"] is not null);
        }
    }

    [Fact]
    public void Everything_described_says_what_it_is()
    {
        foreach (var (path, method, operation) in s_operations)
        {
            Assert.True(operation["summary"] is not null, $"{method} {path} has no summary");
            Assert.All(operation["parameters"]?.AsArray() ?? [], p => Assert.True(p!["description"] is not null, $"{method} {path}: {p["name"]} has no description"));
            var declared = (operation["parameters"]?.AsArray() ?? []).Where(p => (string)p!["in"]! == "path").Select(p => (string)p!["name"]!);
            Assert.Equal(PathNames().Matches(path).Select(m => m.Groups[1].Value), declared);
            Assert.Contains(operation["responses"]!.AsObject(), r => r.Key[0] == '2');
        }

        var answers = s_document["components"]!["schemas"]!.AsObject().Where(s => s.Key is not ("Manifest" or "NewJob"));
        Assert.Empty(answers.SelectMany(s => s.Value!["properties"]?.AsObject().Where(p => p.Value!["description"] is null).Select(p => $"{s.Key}.{p.Key} has no description") ?? []));
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_schema_is_used()
    {
        var text = s_document.ToJsonString();
        var referred = References().Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Equal(s_document["components"]!["schemas"]!.AsObject().Select(s => s.Key).Order(StringComparer.Ordinal), referred.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_function_reads_of_query_and_headers_is_described_and_what_is_described_is_read()
    {
        var files = Directory.EnumerateFiles(Path.Combine(ProjectFolder.Path, "functions"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        var readAnywhere = files.SelectMany(text => Read().Matches(text)).Select(m => m.Groups[1].Value).ToHashSet();
        foreach (var function in OpenApiDocument.Functions())
        {
            List<string> declared = [.. function.GetCustomAttributes<QueryAttribute>().Select(q => q.Name), .. function.GetCustomAttributes<HeaderAttribute>().Select(h => h.Name)];
            var own = files.SelectMany(text => text.Split("[Function(\"").Skip(1)).Single(part => part.StartsWith(NameOf(function) + "\"", StringComparison.Ordinal)).Split("\n}")[0];
            var read = Read().Matches(own).Select(m => m.Groups[1].Value).Where(name => name is not ("X-Forwarded-For" or "Authorization" or "Accept")).ToHashSet();
            Assert.Empty(read.Except(declared).Select(name => $"{NameOf(function)} reads {name}, which is not declared"));
            Assert.Empty(declared.Except(readAnywhere).Select(name => $"{NameOf(function)} declares {name}, which nobody reads"));
        }
    }

    [Fact]
    public void A_list_of_jobs_declares_each_of_its_filters()
    {
        var declared = OpenApiDocument.Functions().Single(f => NameOf(f) == "ListJobs").GetCustomAttributes<QueryAttribute>().Select(q => q.Name);
        Assert.Equal(typeof(JobListQuery).GetProperties().Select(p => p.Name.ToLowerInvariant()).Append("next").Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Bodies_of_tokens_have_the_fields_that_are_read()
    {
        Assert.Equal(TokenFields.OfToken.Order(StringComparer.Ordinal), FieldsOf(RequestSchemas.NewToken));
        Assert.Equal(TokenFields.OfRotation.Order(StringComparer.Ordinal), FieldsOf(RequestSchemas.Rotation));
        Assert.Equal(["action", "commit", "namespace", "reference", "source", "variables"], FieldsOf(RequestSchemas.NewJob));
    }

    private static IEnumerable<string> FieldsOf(string schema) => s_document["components"]!["schemas"]![schema]!["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal);

    private static string NameOf(MethodInfo function) => function.GetCustomAttribute<FunctionAttribute>()!.Name;

    private static IEnumerable<string> Routes(string route) =>
        route == "hooks/{namespace}/{trigger}/{source?}" ? ["/hooks/{namespace}/{trigger}", "/hooks/{namespace}/{trigger}/{source}"] : ["/" + route];

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathNames();

    [GeneratedRegex("#/components/schemas/(\\w+)")]
    private static partial Regex References();

    [GeneratedRegex("(?:[Qq]uery|[Hh]eaders)\\[\"([\\w-]+)\"\\]")]
    private static partial Regex Read();
}

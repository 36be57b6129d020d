using System.Text.Json.Nodes;
using NJsonSchema;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

/// <summary>What the schemas allow is what the reader allows, judged by another implementation of JSON schema.</summary>
public sealed class ManifestSchemaTests
{
    private static readonly string[] s_manifests = [Given.Repo, Given.Trigger, Given.Webhook, Given.Action, Given.Settings];

    public static TheoryData<ResourceKind> Kinds => [.. Enum.GetValues<ResourceKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_of_a_kind_has_a_text(ResourceKind kind) =>
        Assert.All(ManifestSchema.Paths(kind), path => Assert.True(FieldHelp.Find(kind, path) is not null, $"{kind} {path}"));

    [Fact]
    public void Every_text_is_of_a_field()
    {
        var used = Enum.GetValues<ResourceKind>().SelectMany(kind => ManifestSchema.Paths(kind).Select(path => FieldHelp.Find(kind, path)));

        Assert.Empty(FieldHelp.All.Except(used));
    }

    [Fact]
    public async Task A_manifest_with_every_field_is_valid()
    {
        foreach (var manifest in s_manifests)
        {
            Assert.Empty(await FaultsAsync(manifest, _ => { }));
        }
    }

    [Fact]
    public async Task The_schema_of_all_kinds_takes_each_manifest_once()
    {
        var schema = await JsonSchema.FromJsonAsync(ManifestSchema.OfAll());

        Assert.All(s_manifests, manifest => Assert.Empty(schema.Validate(Node(manifest).ToJsonString())));
        Assert.NotEmpty(schema.Validate("""{"apiVersion": "pushcart.dev/v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}"""));
    }

    [Theory]
    [InlineData(0, "spec.repoUrl", "\"x\"")]
    [InlineData(0, "spec.repoUri", "null")]
    [InlineData(0, "metadata.name", "\"A\"")]
    [InlineData(0, "spec.authConfig.type", "\"tokn\"")]
    [InlineData(0, "spec.tlsConfig.noVerifySsl", "\"yes\"")]
    [InlineData(1, "spec.sources.names", "[]")]
    [InlineData(1, "spec.sources.names", "[\"a\", \"a\"]")]
    [InlineData(1, "spec.sources.watchOn.reference.tag", "\"v1\"")]
    [InlineData(1, "spec.sources.watchOn.reference", "{\"commit\": \"abc\"}")]
    [InlineData(1, "spec.schedule.cron", "\"@daily\"")]
    [InlineData(1, "spec.schedule", "{}")]
    [InlineData(1, "spec.action.kind", "\"Job\"")]
    [InlineData(2, "spec.webhook.authConfig.key", "null")]
    [InlineData(3, "spec.actionJob.retries", "101")]
    [InlineData(3, "spec.actionJob.command", "[1]")]
    [InlineData(3, "spec.actionJob.labels", "{\"a\": \"b c\"}")]
    [InlineData(3, "spec.actionJob.concurrency.limit", "0")]
    [InlineData(4, "metadata.name", "\"other\"")]
    [InlineData(4, "spec.maxRunningJobs", "0")]
    public async Task What_the_reader_refuses_by_form_the_schema_refuses_too(int manifest, string path, string value)
    {
        var text = "";
        Assert.NotEmpty(await FaultsAsync(s_manifests[manifest], root =>
        {
            var names = path.Split('.');
            var parent = names[..^1].Aggregate(root, (node, name) => node[name]!);
            if (JsonNode.Parse(value) is { } wrong)
            {
                parent[names[^1]] = wrong;
            }
            else
            {
                parent.AsObject().Remove(names[^1]);
            }

            text = root.ToJsonString();
        }));
        Assert.NotEmpty(Given.Read(text, "app.json").Errors);
    }

    [Fact]
    public async Task A_command_may_be_one_text_or_a_list()
    {
        Assert.Empty(await FaultsAsync(Given.Action, root => root["spec"]!["actionJob"]!["command"] = "make"));
        Assert.NotEmpty(await FaultsAsync(Given.Action, root => root["spec"]!["actionJob"]!["command"] = 7));
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(string manifest, Action<JsonNode> change)
    {
        var root = Node(manifest);
        change(root);
        var schema = await JsonSchema.FromJsonAsync(ManifestSchema.Of(Given.One(manifest).Name.Kind));
        return [.. schema.Validate(root.ToJsonString()).Select(fault => fault.ToString())];
    }

    // As it is written, not in the normal form: every field of it is judged.
    private static JsonNode Node(string manifest) => Pushcart.Resources.Manifests.Syntax.YamlText.Read(manifest).First().Root!;
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests.Syntax;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pushcart.Resources.Manifests;

/// <summary>Writes resources as manifests in YAML, which <see cref="ManifestReader"/> takes again as the same.</summary>
public static class ManifestWriter
{
    // What YAML 1.1 reads as something else than text, and so do tools that still speak it.
    private static readonly HashSet<string> s_words = new(StringComparer.OrdinalIgnoreCase) { "y", "yes", "n", "no", "on", "off", "true", "false", "null" };

    /// <summary>The manifests of these resources, a document each, what is referred to before what refers to it. One that this version cannot read is told in a comment.</summary>
    public static string Write(IEnumerable<Resource> resources)
    {
        var all = resources.OrderBy(r => Order(r.Name.Kind)).ThenBy(r => r.Name.Namespace, StringComparer.Ordinal).ThenBy(r => r.Name.Name, StringComparer.Ordinal).ToList();
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        foreach (var unread in all.Where(r => r.Spec is null))
        {
            text.WriteLine($"# {unread.Name} is left out: {unread.Error!.ReplaceLineEndings(" ")}");
        }

        Documents(text, all.Where(r => r.Spec is not null).Select(Document), isImplicit: false);
        return text.ToString();
    }

    /// <summary>JSON as one document of YAML, which reads as the same.</summary>
    public static string Write(JsonNode? document)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Documents(text, [document], isImplicit: true);
        return text.ToString();
    }

    /// <summary>A resource as a manifest in JSON.</summary>
    public static JsonObject Document(Resource resource)
    {
        var metadata = new JsonObject { ["name"] = resource.Name.Name };
        if (resource.Name.Namespace is { } ns)
        {
            metadata["namespace"] = ns;
        }

        return new() { ["apiVersion"] = ManifestReader.ApiVersion, ["kind"] = resource.Name.Kind.ToString(), ["metadata"] = metadata, ["spec"] = JsonNode.Parse(resource.Json) };
    }

    private static void Documents(TextWriter text, IEnumerable<JsonNode?> documents, bool isImplicit)
    {
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        foreach (var document in documents)
        {
            emitter.Emit(new DocumentStart(null, null, isImplicit));
            Node(emitter, document);
            emitter.Emit(new DocumentEnd(isImplicit: true));
        }

        emitter.Emit(new StreamEnd());
    }

    /// <summary>Where resources of a kind stand among others: what is referred to before what refers to it.</summary>
    public static int Order(ResourceKind kind) => kind switch
    {
        ResourceKind.Settings => 0,
        ResourceKind.GitRepo or ResourceKind.ClusterGitRepo => 1,
        ResourceKind.Action or ResourceKind.ClusterAction => 2,
        _ => 3,
    };

    private static void Node(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var (name, value) in fields)
                {
                    Text(emitter, name);
                    Node(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in items)
                {
                    Node(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case { } value when value.GetValueKind() == JsonValueKind.String:
                Text(emitter, value.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    // Plain only where nobody can take it for anything else.
    private static void Text(Emitter emitter, string text)
    {
        var isPlain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '/') && !s_words.Contains(text)
            && CoreScalars.Resolve(text) is { } read && read.GetValueKind() == JsonValueKind.String;
        var style = isPlain ? ScalarStyle.Any : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: isPlain, isQuotedImplicit: true));
    }
}

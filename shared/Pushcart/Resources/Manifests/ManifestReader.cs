using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests.Fields;
using Pushcart.Resources.Manifests.Syntax;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// Reads files of manifests: YAML of many documents, JSON, lists, and what <c>kubectl get -o yaml</c> prints. What the server owns is dropped, all else is
/// checked strictly, and all faults of a file are found in one pass.
/// </summary>
public sealed class ManifestReader
{
    /// <summary>The version that is written.</summary>
    internal const string ApiVersion = "pushcart.dev/v1";

    private static readonly string[] ApiVersions = [ApiVersion, "git-events-runner.rs/v1alpha1"];

    // What a Kubernetes API server adds, or other controllers do.
    private static readonly string[] ServerMetadata =
    [
        "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink", "ownerReferences", "finalizers",
    ];

    private readonly string _file;
    private readonly DateTimeOffset _now;
    private readonly List<Manifest> _manifests = [];
    private readonly List<ManifestError> _errors = [];
    private readonly Dictionary<ResourceName, string> _seen = [];
    private int _count;
    private int _mostBytes;

    private ManifestReader(string file, DateTimeOffset now) => (_file, _now) = (file, now);

    /// <summary>Reads one file.</summary>
    /// <param name="text">Its text, YAML or JSON.</param>
    /// <param name="fileName">Its name, for messages only.</param>
    /// <param name="now">The time: a schedule that can never fire again is a fault.</param>
    /// <param name="mostBytes">Bytes of the text at most, as UTF-8.</param>
    /// <returns>Manifests and faults. It never throws for what is in the text.</returns>
    public static ManifestSet Read(string text, string fileName, DateTimeOffset now, int mostBytes = ManifestLimits.FileBytes)
    {
        var reader = new ManifestReader(fileName, now) { _mostBytes = mostBytes };
        reader.File(text.TrimStart('\ufeff'));
        var errors = reader._errors;
        if (errors.Count > ManifestLimits.Errors)
        {
            errors = [.. errors.Take(ManifestLimits.Errors), new ManifestError(fileName, 0, "", $"has {errors.Count - ManifestLimits.Errors:N0} more faults")];
        }

        return new ManifestSet(reader._manifests.AsReadOnly(), errors.AsReadOnly());
    }

    /// <summary>What a manifest of a kind may say.</summary>
    internal static FieldSchema Describe(ResourceKind kind)
    {
        var schema = new FieldSchema();
        var reader = FieldReader.Describing(schema);
        schema.Add("apiVersion", FieldSchema.WordOf(ApiVersions));
        schema.Add("kind", FieldSchema.WordOf([kind.ToString()]));
        schema.Require("apiVersion");
        schema.Require("kind");
        Metadata(reader, kind);
        Spec(reader, new SpecContext(kind, "default", null));
        reader.Ignore("status");
        return schema;
    }

    private void File(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > _mostBytes)
        {
            _errors.Add(new ManifestError(_file, 0, "", $"is larger than {_mostBytes / 1024} KiB; split it into several files"));
            return;
        }

        foreach (var document in Documents(text))
        {
            var faults = document.Faults;
            if (document.Root is not null)
            {
                One(document, document.Root, "");
            }

            _errors.AddRange(faults.Found.Select(fault => new ManifestError(_file, document.Number, fault.Path, fault.Message)));
            if (_count > ManifestLimits.Documents)
            {
                _errors.Add(new ManifestError(_file, 0, "", $"holds more than {ManifestLimits.Documents:N0} manifests; split it into several files"));
                return;
            }
        }
    }

    private IEnumerable<Document> Documents(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{") && !text.AsSpan().TrimStart().StartsWith("["))
        {
            return YamlText.Read(text);
        }

        // YAML may begin with { too: where it is no JSON, the fault of JSON is told only if YAML cannot read it either.
        var json = JsonText.Read(text);
        if (json[^1].Root is not null || _file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return json;
        }

        var yaml = YamlText.Read(text).ToList();
        return yaml.Any(document => document.Faults.Found.Any(fault => fault.Path.Length == 0)) ? json : yaml;
    }

    private void One(Document document, JsonNode root, string path)
    {
        if (++_count > ManifestLimits.Documents)
        {
            return;
        }

        if (root is not JsonObject fields)
        {
            document.Faults.Add(path, $"must be an object with apiVersion, kind, metadata and spec, not {Wording.Describe(root)}{(root is JsonArray ? "; several manifests stand in a \"kind: List\"" : "")}");
            return;
        }

        var reader = new FieldReader(fields, path, document.Faults);
        if (reader.IsText("kind") && fields["kind"]!.GetValue<string>().EndsWith("List", StringComparison.Ordinal))
        {
            _count--;
            List(document, reader, path);
            return;
        }

        var before = document.Faults.Found.Count;
        var apiVersion = reader.RequiredText("apiVersion");
        var kind = Kind(reader);
        if (apiVersion.Length > 0 && kind is not null && !ApiVersions.Contains(apiVersion))
        {
            reader.Fault("apiVersion", $"must be {string.Join(" or ", ApiVersions)}, not {Wording.Quote(apiVersion)}");
        }

        if (kind is not { } known)
        {
            return;
        }

        var name = Metadata(reader, known);
        var spec = Spec(reader, new SpecContext(known, name.Namespace, _now));
        reader.Ignore("status");
        reader.Close();
        if (spec is not null && !Faulty(document.Faults, before, path))
        {
            Keep(document, name, spec, path);
        }
    }

    // Faults of the text itself (a duplicate key) stand before those of the rules; they count where they lie within this manifest.
    private static bool Faulty(Faults faults, int before, string path) =>
        faults.Found.Count > before || faults.Found.Any(fault =>
            path.Length == 0 || fault.Path == path || fault.Path.StartsWith(path + ".", StringComparison.Ordinal) || fault.Path.StartsWith(path + "[", StringComparison.Ordinal));

    private void List(Document document, FieldReader reader, string path)
    {
        reader.Ignore("apiVersion", "kind", "metadata");
        var items = reader.List("items");
        reader.Close();
        for (var i = 0; i < items.Count; i++)
        {
            var at = Wording.Field(path, "items") + $"[{i}]";
            if (items[i] is { } item)
            {
                One(document, item, at);
            }
        }
    }

    private static ResourceKind? Kind(FieldReader reader)
    {
        var kind = reader.RequiredText("kind");
        if (kind.Length == 0 || Words.Kinds.TryGetValue(kind, out _))
        {
            return kind.Length == 0 ? null : Words.Kinds[kind];
        }

        var nearest = Wording.Nearest(kind, Words.Kinds.Keys);
        reader.Fault("kind", $"must be one of {string.Join(", ", Words.Kinds.Keys)}, not {Wording.Quote(kind)}{(nearest is null ? "" : $"; did you mean {nearest}?")}");
        return null;
    }

    private static ResourceName Metadata(FieldReader parent, ResourceKind kind)
    {
        var cluster = kind.IsOfCluster();
        if (parent.RequiredObject("metadata") is not { } reader)
        {
            return new ResourceName(kind, cluster ? null : "default", "");
        }

        var name = reader.RequiredText("name", kind == ResourceKind.Settings ? NameRules.SettingsName : NameRules.Subdomain);
        string? ns = null;
        if (cluster)
        {
            reader.Forbid("namespace", $"a {kind} belongs to no namespace; leave it out");
        }
        else
        {
            ns = reader.Text("namespace", NameRules.Label);
        }

        reader.TextMap("labels", NameRules.QualifiedName, NameRules.LabelValue);
        reader.TextMap("annotations", NameRules.QualifiedName);
        reader.Ignore(ServerMetadata);
        reader.Close();
        return new ResourceName(kind, cluster ? null : ns ?? "default", name);
    }

    private static Spec? Spec(FieldReader parent, SpecContext context)
    {
        var optional = context.Kind is ResourceKind.Action or ResourceKind.ClusterAction;
        var reader = optional ? parent.Object("spec") : parent.RequiredObject("spec");
        return reader is not null ? SpecReader.Read(reader, context) : optional ? new ActionSpec() : null;
    }

    private void Keep(Document document, ResourceName name, Spec spec, string path)
    {
        var json = SpecReader.ToJson(spec);
        var where = $"{_file}, document {document.Number}" + (path.Length == 0 ? "" : $", {path}");
        if (json.Length > ManifestLimits.SpecCharacters)
        {
            document.Faults.Add(Wording.Field(path, "spec"), $"has {json.Length:N0} characters as JSON; at most {ManifestLimits.SpecCharacters:N0} are kept");
        }
        else if (!_seen.TryAdd(name, where))
        {
            document.Faults.Add(Wording.Field(path, "metadata"), $"{name} stands in {_seen[name]} already; only one can be meant");
        }
        else
        {
            _manifests.Add(new Manifest(name, spec, json, where));
        }
    }
}

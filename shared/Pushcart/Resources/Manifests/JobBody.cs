using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests.Fields;
using Pushcart.Resources.Manifests.Syntax;

namespace Pushcart.Resources.Manifests;

/// <summary>A job without a trigger, as a caller asks for it.</summary>
/// <param name="Namespace">Where it runs.</param>
/// <param name="Action">The action.</param>
/// <param name="Source">The source.</param>
/// <param name="Reference">The reference.</param>
/// <param name="Commit">The commit; null: the one that the reference has.</param>
/// <param name="Variables">Its own variables, as compact JSON with sorted names; null without any.</param>
public sealed record JobBody(string Namespace, ResourceName Action, ResourceName Source, GitReference Reference, string? Commit, string? Variables)
{
    /// <summary>Bytes of such a body at most: 64 KiB.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Characters that variables have as JSON at most. They stand on the job's row, which every pass over live jobs reads.</summary>
    public const int MostVariables = 8_000;

    /// <summary>Reads a body by the rules of manifests: what is unknown or of another form is refused, all of it at once.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="prefix">Names of variables that begin so are Pushcart's own.</param>
    public static Answer<JobBody> Read(string text, string prefix)
    {
        var documents = JsonText.Read(text);
        if (documents is not [{ Root: JsonObject fields, Faults: var faults }])
        {
            var fault = documents.SelectMany(d => d.Faults.Found).Select(f => f.Message).FirstOrDefault();
            return new Refusal(RefusalCodes.BodyInvalid, $"the body must be one JSON object{(fault is null ? "" : $": {fault}")}");
        }

        var body = Fields(new FieldReader(fields, "", faults), prefix);
        return faults.Any
            ? new Refusal(RefusalCodes.BodyInvalid, string.Join("; ", faults.Found.Select(f => f.Path.Length == 0 ? f.Message : $"{f.Path}: {f.Message}")))
            {
                Errors = [.. faults.Found.Select(f => new RefusedPart(null, f.Path.Length == 0 ? null : f.Path, f.Message))],
            }
            : body;
    }

    /// <summary>The JSON schema of such a body, recorded from the code that reads it.</summary>
    public static JsonObject Schema()
    {
        var schema = new FieldSchema();
        Fields(FieldReader.Describing(schema), "ACTION_JOB_");
        return schema.ToJson();
    }

    /// <summary>The variables that <see cref="Variables"/> tells.</summary>
    public static IEnumerable<KeyValuePair<string, string>> VariablesOf(string? json) =>
        json is null ? [] : JsonNode.Parse(json)!.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.GetValue<string>()));

    // Where something is wrong, which the reader notes, the body is not used.
    private static JobBody Fields(FieldReader reader, string prefix)
    {
        var ns = reader.Text("namespace", NameRules.Label) ?? "default";
        var action = Named(reader, "action", Words.ActionKinds, ResourceKind.Action, ns);
        var source = Named(reader, "source", Words.SourceKinds, ResourceKind.GitRepo, ns);
        var reference = References.Read(reader.Object("reference"));
        var commit = reader.Text("commit", References.Commit)?.ToLowerInvariant();
        if (reference is { Type: ReferenceType.Commit } && commit is not null)
        {
            reader.Fault("commit", "stands in reference too; give it once");
        }

        var variables = reader.TextMap("variables", name => NameRules.Variable(name) ?? (name.StartsWith(prefix, StringComparison.Ordinal) ? $"begins with {prefix}, as Pushcart's own variables do" : null));
        reader.Close();
        var json = variables.Count == 0 ? null : SpecJson.Text(SpecJson.TextMap(variables));
        if (json?.Length > MostVariables)
        {
            reader.Fault("variables", $"have {json.Length:N0} characters as JSON; at most {MostVariables:N0} are kept");
        }

        return new(ns, action!, source!, reference ?? new(commit is null ? ReferenceType.Branch : ReferenceType.Commit, commit ?? "main"), commit, json);
    }

    private static ResourceName? Named(FieldReader parent, string field, Dictionary<string, ResourceKind> kinds, ResourceKind otherwise, string ns)
    {
        if (parent.RequiredObject(field) is not { } reader)
        {
            return null;
        }

        var kind = reader.Choice("kind", kinds) ?? otherwise;
        var name = reader.RequiredText("name", NameRules.Subdomain);
        reader.Close();
        return new(kind, kind.IsOfCluster() ? null : ns, name);
    }
}

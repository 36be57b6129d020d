using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>What both kinds of trigger have, read and written.</summary>
internal static class TriggerFields
{
    private static readonly GitReference DefaultReference = new(ReferenceType.Branch, "main");

    /// <summary>Reads <c>sources</c>.</summary>
    public static SourcesSpec Sources(FieldReader parent)
    {
        var reader = parent.RequiredObject("sources");
        if (reader is null)
        {
            return new SourcesSpec { Names = [] };
        }

        var spec = new SourcesSpec
        {
            Kind = reader.Choice("kind", Words.SourceKinds) ?? ResourceKind.GitRepo,
            Names = reader.RequiredTexts("names", "name of a source", NameRules.Subdomain),
        };

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in spec.Names.Where(name => name.Length > 0 && !seen.Add(name)))
        {
            reader.Fault("names", $"{Wording.Quote(name)} stands here twice; each source is checked once");
        }

        if (reader.Object("watchOn") is { } watchOn)
        {
            spec = spec with
            {
                OnChangeOnly = watchOn.Flag("onChangeOnly", true),
                Reference = References.Read(watchOn.Object("reference")) ?? DefaultReference,
                Files = Files(watchOn),
            };
            watchOn.Close();
        }

        reader.Close();
        return spec;
    }

    private static IReadOnlyList<string> Files(FieldReader reader)
    {
        var patterns = reader.Texts("files", WatchedFiles.Fault);
        if (WatchedFiles.FaultOfAll(patterns) is { } message)
        {
            reader.Fault("files", message);
        }

        return patterns;
    }

    /// <summary>Reads <c>action</c>.</summary>
    public static ActionRef Action(FieldReader parent)
    {
        var reader = parent.RequiredObject("action");
        if (reader is null)
        {
            return new ActionRef(ResourceKind.Action, "");
        }

        var action = new ActionRef(reader.RequiredChoice("kind", Words.ActionKinds), reader.RequiredText("name", NameRules.Subdomain));
        reader.Close();
        return action;
    }

    /// <summary>Writes <c>sources</c>.</summary>
    public static JsonObject Write(SourcesSpec spec)
    {
        var watchOn = new JsonObject();
        if (!spec.OnChangeOnly)
        {
            watchOn["onChangeOnly"] = false;
        }

        watchOn
            .With("reference", spec.Reference == DefaultReference ? null : References.Write(spec.Reference))
            .With("files", SpecJson.Texts(spec.Files));
        return new JsonObject()
            .With("kind", SpecJson.Unless(spec.Kind.ToString(), nameof(ResourceKind.GitRepo)))
            .With("names", SpecJson.Texts(spec.Names))
            .With("watchOn", watchOn);
    }

    /// <summary>Writes <c>action</c>.</summary>
    public static JsonObject Write(ActionRef action) => new JsonObject().With("kind", action.Kind.ToString()).With("name", action.Name);
}

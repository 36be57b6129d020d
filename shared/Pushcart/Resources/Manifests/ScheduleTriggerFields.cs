using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <summary>The spec of <c>ScheduleTrigger</c>, read and written.</summary>
internal static class ScheduleTriggerFields
{
    private static readonly GitReference DefaultReference = new(ReferenceType.Branch, "main");

    public static ScheduleTriggerSpec Read(FieldReader reader, SpecContext context)
    {
        var sources = Sources(reader.RequiredObject("sources"));
        var (interval, cron) = Schedule(reader.RequiredObject("schedule"), context);
        var spec = new ScheduleTriggerSpec
        {
            Sources = sources,
            Interval = interval,
            Cron = cron,
            Action = Action(reader.RequiredObject("action")),
            Suspend = reader.Flag("suspend", false),
        };
        reader.NotYet("onPush");
        reader.Close();
        return spec;
    }

    public static JsonObject Write(ScheduleTriggerSpec spec)
    {
        var watchOn = new JsonObject();
        if (!spec.Sources.OnChangeOnly)
        {
            watchOn["onChangeOnly"] = false;
        }

        watchOn
            .With("reference", spec.Sources.Reference == DefaultReference ? null : References.Write(spec.Sources.Reference))
            .With("files", SpecJson.Texts(spec.Sources.Files));
        return new JsonObject()
            .With("sources", new JsonObject()
                .With("kind", SpecJson.Unless(spec.Sources.Kind.ToString(), nameof(ResourceKind.GitRepo)))
                .With("names", SpecJson.Texts(spec.Sources.Names))
                .With("watchOn", watchOn))
            .With("schedule", new JsonObject().With("interval", spec.Interval).With("cron", spec.Cron))
            .With("action", new JsonObject().With("kind", spec.Action.Kind.ToString()).With("name", spec.Action.Name))
            .With("suspend", spec.Suspend);
    }

    private static SourcesSpec Sources(FieldReader? reader)
    {
        if (reader is null)
        {
            return new SourcesSpec { Names = [] };
        }

        var spec = new SourcesSpec
        {
            Kind = reader.Choice("kind", Words.SourceKinds) ?? ResourceKind.GitRepo,
            Names = reader.Texts("names", NameRules.Subdomain),
        };
        if (spec.Names.Count == 0)
        {
            reader.Fault("names", "is required: at least one name of a source");
        }

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

    private static (string? Interval, string? Cron) Schedule(FieldReader? reader, SpecContext context)
    {
        if (reader is null)
        {
            return (null, null);
        }

        if (reader.Has("interval") == reader.Has("cron"))
        {
            reader.FaultHere(reader.Has("cron") ? "must have one of interval and cron, not both" : "must have one of interval and cron");
        }

        var interval = reader.Text("interval", text => Duration.TryParse(text, out _, out var error) ? null : error);
        var cron = reader.Text("cron", text => Schedules.CronSchedule.TryRead(text, context.Now, out _, out var error) ? null : error);
        reader.Close();
        return (interval, cron);
    }

    private static ActionRef Action(FieldReader? reader)
    {
        if (reader is null)
        {
            return new ActionRef(ResourceKind.Action, "");
        }

        var action = new ActionRef(reader.RequiredChoice("kind", Words.ActionKinds), reader.RequiredText("name", NameRules.Subdomain));
        reader.Close();
        return action;
    }
}

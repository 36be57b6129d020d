using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Unit.Triggers;

/// <summary>Triggers, sources and actions for tests.</summary>
internal static class GivenTrigger
{
    public static readonly DateTimeOffset Start = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    public static readonly Resource App = Source("app", "https://git.example.org/app.git");

    public static readonly Resource Build = Of(new(ResourceKind.Action, "team", "build"), "{}");

    public static Resource Of(ResourceName name, string json, DateTimeOffset? since = null, string? uid = null) =>
        new(name, uid ?? $"uid of {name}", 1, since ?? Start, json, SpecReader.FromJson(name.Kind, json), null);

    public static Resource Source(string name, string uri) => Of(new(ResourceKind.GitRepo, "team", name), $$"""{"repoUri":"{{uri}}"}""");

    /// <summary>A trigger of interval one hour on branch main of <c>app</c>, but for what is given.</summary>
    public static Resource Trigger(
        string name = "nightly",
        string schedule = "\"interval\":\"1h\"",
        string reference = "\"branch\":\"main\"",
        bool onChangeOnly = true,
        bool suspend = false,
        DateTimeOffset? since = null,
        string? uid = null,
        params string[] sources) => Of(
            new(ResourceKind.ScheduleTrigger, "team", name),
            $$"""
            {"sources":{"kind":"GitRepo","names":[{{string.Join(',', (sources is [] ? ["app"] : sources).Select(s => $"\"{s}\""))}}],
            "watchOn":{"onChangeOnly":{{(onChangeOnly ? "true" : "false")}},"reference":{ {{reference}} } } },
            "schedule":{ {{schedule}} },"action":{"kind":"Action","name":"build"},"suspend":{{(suspend ? "true" : "false")}} }
            """,
            since,
            uid);

    /// <summary>A webhook trigger on branch main of <c>app</c>.</summary>
    public static Resource Webhook(bool onChangeOnly = true, bool suspend = false, DateTimeOffset? since = null) => Of(
        new(ResourceKind.WebhookTrigger, "team", "hooked"),
        $$"""
        {"sources":{"names":["app"],"watchOn":{"onChangeOnly":{{(onChangeOnly ? "true" : "false")}} } },"action":{"kind":"Action","name":"build"},"suspend":{{(suspend ? "true" : "false")}} }
        """,
        since);

    public static CheckItem Item(Resource trigger, DateTimeOffset? due = null, string? task = null, string? confirm = null) => new()
    {
        Trigger = trigger,
        SourceName = App.Name,
        Due = task is null ? due ?? Start : null,
        TaskKey = task,
        Confirm = confirm,
    };

    public static Catalog Catalog(params Resource[] resources) => new(1, [App, Build, .. resources]);
}

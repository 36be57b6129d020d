using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The spec of <c>ScheduleTrigger</c>, read and written.</summary>
internal static class ScheduleTriggerFields
{
    public static ScheduleTriggerSpec Read(FieldReader reader, SpecContext context)
    {
        var sources = TriggerFields.Sources(reader);
        var (interval, cron) = Schedule(reader.RequiredObject("schedule"), context);
        var spec = new ScheduleTriggerSpec
        {
            Sources = sources,
            Interval = interval,
            Cron = cron,
            Action = TriggerFields.Action(reader),
            Suspend = reader.Flag("suspend", false),
            OnPush = reader.Flag("onPush", false),
        };
        reader.Close();
        return spec;
    }

    public static JsonObject Write(ScheduleTriggerSpec spec) => new JsonObject()
        .With("sources", TriggerFields.Write(spec.Sources))
        .With("schedule", new JsonObject().With("interval", spec.Interval).With("cron", spec.Cron))
        .With("action", TriggerFields.Write(spec.Action))
        .With("suspend", spec.Suspend)
        .With("onPush", spec.OnPush);

    private static (string? Interval, string? Cron) Schedule(FieldReader? reader, SpecContext context)
    {
        if (reader is null)
        {
            return (null, null);
        }

        reader.ExactlyOne("interval", "cron");
        var interval = reader.Text("interval", text => Duration.TryParse(text, out _, out var error) ? null : error);
        var cron = reader.Text("cron", text => Schedules.CronSchedule.TryRead(text, context.Now, out _, out var error) ? null : error);
        reader.Close();
        return (interval, cron);
    }
}

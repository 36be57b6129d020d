using Pushcart.Resources;
using Pushcart.Settings;

namespace Pushcart.Triggers;

/// <summary>How often due triggers are looked for.</summary>
public sealed record PollSettings
{
    /// <summary>When ticks are, as NCRONTAB of six fields, in UTC. Default: at every full minute.</summary>
    [Setting("Poll:Schedule")]
    public string Schedule { get; init; } = "0 * * * * *";

    /// <summary>
    /// How often a source of a webhook trigger is looked at by itself, where a provider tells of its pushes: what was lost on the way is found then. Default 1 h; 0: never.
    /// </summary>
    [Setting("Webhooks:Resync", Minimum = "1m", Maximum = "30d", ZeroIsOff = true)]
    public TimeSpan Resync { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What a person should know of a trigger's schedule although nothing is wrong with it; null where there is nothing.</summary>
    public string? NoteOn(Spec? spec, DateTimeOffset now) =>
        spec is ScheduleTriggerSpec { Interval: { } interval } && Duration.TryParse(interval, out var wanted, out _) && Period(now) is { } period && wanted < period
            ? $"the interval {interval} is shorter than the time between two ticks of Poll ({period.TotalSeconds:0} s), so it fires once a tick; Poll:Schedule says when they are"
            : null;

    // The one that comes next: ticks of an hour by day and none by night are told by day.
    private TimeSpan? Period(DateTimeOffset now) =>
        Resources.Schedules.Schedule.TryCron(Schedule, now, out var ticks, out _) && ticks.NextAfter(now) is { } first && ticks.NextAfter(first) is { } second ? second - first : null;
}

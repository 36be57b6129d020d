using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Stored;

public sealed class CatalogTests
{
    private static readonly ResourceName s_settings = new(ResourceKind.Settings, null, SettingsSpec.ResourceName);

    [Fact]
    public void Settings_are_those_of_the_one_resource() => Assert.Equal(4, Of("""{"maxRunningJobs":4}""").Settings.MaxRunningJobs);

    [Fact]
    public void Without_the_resource_the_built_in_ones_stand() => Assert.Equal(SettingsSpec.BuiltIn, new Catalog(1, []).Settings);

    [Fact]
    public void Where_a_later_version_wrote_what_this_one_cannot_read_the_built_in_ones_stand() =>
        Assert.Equal(SettingsSpec.BuiltIn, new Catalog(1, [new(s_settings, "u", 1, default, "{}", null, "later") { IsNewer = true }]).Settings);

    [Fact]
    public void The_schedule_of_a_trigger_is_read_once()
    {
        var name = new ResourceName(ResourceKind.ScheduleTrigger, "team", "nightly");
        const string Json = """{"sources":{"names":["app"]},"schedule":{"cron":"@daily"},"action":{"kind":"Action","name":"build"}}""";
        var trigger = new Resource(name, "u", 1, default, Json, SpecReader.FromJson(name.Kind, Json), null);
        var catalog = new Catalog(1, [trigger]);

        Assert.Same(catalog.ScheduleOf(trigger), catalog.ScheduleOf(trigger));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), catalog.ScheduleOf(trigger).NextAfter(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    private static Catalog Of(string json) => new(1, [new(s_settings, "u", 1, default, json, SpecReader.FromJson(ResourceKind.Settings, json), null)]);
}

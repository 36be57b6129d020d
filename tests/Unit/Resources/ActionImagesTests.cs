using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources;

public sealed class ActionImagesTests
{
    private static readonly (ResourceName, ActionSpec)[] s_actions =
    [
        (new(ResourceKind.Action, "team", "with"), new() { Job = new() { ActionImage = "alpine:3" } }),
        (new(ResourceKind.Action, "team", "without"), new()),
    ];

    [Fact]
    public void An_action_without_an_image_is_named_where_the_settings_name_none() =>
        Assert.Equal(
            ["Action team/without has no image: set spec.actionJob.actionImage, or spec.actionImage of the Settings (action.image_missing)"],
            ActionImages.Check(s_actions, SettingsSpec.BuiltIn));

    [Fact]
    public void An_image_of_the_settings_is_enough() => Assert.Empty(ActionImages.Check(s_actions, new SettingsSpec { ActionImage = "alpine:3" }));
}

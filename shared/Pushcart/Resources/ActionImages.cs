namespace Pushcart.Resources;

/// <summary>Whether each action has an image, where jobs run in containers: its own, or that of the settings.</summary>
public static class ActionImages
{
    /// <summary>Code of the error in answers of the API.</summary>
    public const string Code = "action.image_missing";

    /// <summary>The actions without one.</summary>
    /// <param name="actions">The actions to look at.</param>
    /// <param name="settings">The settings as they will be.</param>
    public static IEnumerable<string> Check(IEnumerable<(ResourceName Name, ActionSpec Spec)> actions, SettingsSpec settings) => settings.ActionImage is not null ? []
        : actions.Where(a => a.Spec.Job.ActionImage is null).Select(a => $"{a.Name} has no image: set spec.actionJob.actionImage, or spec.actionImage of the Settings ({Code})");
}

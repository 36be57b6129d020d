namespace Pushcart.Resources;

/// <summary>
/// What manifests may say and this version does not do: it is refused at apply, for a trigger that looks well and never fires is worse than an error.
/// </summary>
internal static class NotServedYet
{
    /// <summary>What a resource asks for in vain; null where there is nothing.</summary>
    public static string? Find(Spec? spec) => spec switch
    {
        WebhookTriggerSpec => "this version of Pushcart serves no webhooks yet, so the trigger would never fire; use a ScheduleTrigger",
        ScheduleTriggerSpec { OnPush: true } => "spec.onPush: this version of Pushcart serves no webhooks yet; leave it out, and the schedule finds the push",
        GitRepoSpec { WebhookSecret: not null } or GitRepoSpec { ManageWebhook: true } => "spec.webhook: this version of Pushcart serves no webhooks yet; leave it out",
        _ => null,
    };
}

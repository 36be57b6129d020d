using Pushcart.Settings;

namespace Pushcart.Webhooks;

/// <summary>Settings of webhooks. The secrets of providers are a list, <c>Webhooks:&lt;Provider&gt;:Secrets:0</c> and so on (<see cref="ProviderSecrets"/>).</summary>
public sealed record WebhookSettings
{
    /// <summary>
    /// What the secrets of managed webhooks are derived from (<see cref="ManagedSecret"/>); at least 32 characters. Default none: no webhook is managed. Whoever changes it makes all
    /// managed secrets anew.
    /// </summary>
    [Setting("Webhooks:Key")]
    public string Key { get; init; } = "";

    /// <summary>How often one address may call, as <c>burst/seconds</c>: so many at once, and one back each seconds / burst. Default none: no limit. Each instance counts for itself.</summary>
    [Setting("Webhooks:GlobalLimit")]
    public string GlobalLimit { get; init; } = "";

    /// <summary>How often one trigger may be called by its own URL, as <c>burst/seconds</c>. Default none: no limit. Each instance counts for itself.</summary>
    [Setting("Webhooks:TriggerLimit")]
    public string TriggerLimit { get; init; } = "";

    /// <summary>How often one source of a trigger may be called by the trigger's own URL, as <c>burst/seconds</c>. Default none: no limit. Each instance counts for itself.</summary>
    [Setting("Webhooks:SourceLimit")]
    public string SourceLimit { get; init; } = "";

    /// <summary>Checks what a range cannot say.</summary>
    public void Check(SettingsReader reader)
    {
        // The value is a secret: only its length is told.
        reader.Require(Key.Length is 0 or >= ManagedSecret.FewestCharacters, $"Webhooks:Key: it has {Key.Length} characters; at least {ManagedSecret.FewestCharacters} are needed, such as `openssl rand -hex 32` prints");
        foreach (var (name, limit) in new[] { ("Global", GlobalLimit), ("Trigger", TriggerLimit), ("Source", SourceLimit) })
        {
            reader.Require(limit.Length == 0 || RateLimit.TryParse(limit, out _), $"Webhooks:{name}Limit: '{limit}' is no limit; write burst/seconds, two whole numbers from 1, as in 10/60: ten at once, and ten in 60 s");
        }
    }

    /// <summary>Never shows the key.</summary>
    public override string ToString() => nameof(WebhookSettings);
}

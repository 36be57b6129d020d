using Microsoft.Extensions.Configuration;

namespace Pushcart.Webhooks;

/// <summary>The installation's own secrets of providers: a list for each, so that one can be rotated without loss. Read when they are needed, for configuration may change.</summary>
public sealed class ProviderSecrets(IConfiguration configuration)
{
    /// <summary>The secrets, <c>Webhooks:&lt;Provider&gt;:Secrets:0</c> and so on, or the one of <c>Webhooks:&lt;Provider&gt;:Secrets</c>; none where nothing is configured.</summary>
    /// <param name="section">Name of the provider in the configuration, such as <c>GitHub</c>.</param>
    public IReadOnlyList<string> Of(string section)
    {
        var secrets = configuration.GetSection($"Webhooks:{section}:Secrets");
        return [.. secrets.GetChildren().Select(c => c.Value).Append(secrets.Value).OfType<string>().Where(s => s.Trim().Length > 0)];
    }
}

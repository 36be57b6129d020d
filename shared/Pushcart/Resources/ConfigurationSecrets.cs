using Microsoft.Extensions.Configuration;

namespace Pushcart.Resources;

/// <summary>Secrets from the configuration, where there is no cluster: <c>Secrets:&lt;namespace&gt;:&lt;name&gt;:&lt;key&gt;</c>.</summary>
public sealed class ConfigurationSecrets(IConfiguration configuration) : ISecrets
{
    /// <inheritdoc/>
    public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var setting = $"Secrets:{ns}:{name}:{key}";

        // A value from a file or a pipe ends with a line break as a rule, and none of the values here can mean it.
        var value = configuration[setting]?.TrimEnd('\r', '\n');
        return Task.FromResult(value is null
            ? new SecretAnswer(null, $"the secret {ns}/{name} has no key {key}; set {setting} (as an environment variable: {setting.Replace(":", "__", StringComparison.Ordinal)})")
            : new SecretAnswer(value, null));
    }
}

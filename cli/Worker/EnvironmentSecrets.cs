using Pushcart.Resources;

namespace Pushcart.Cli.Worker;

/// <summary>Secrets from the environment, for the process executor: <c>Secrets__&lt;namespace&gt;__&lt;name&gt;__&lt;key&gt;</c>, as a host on this machine reads them.</summary>
/// <param name="environment">Values of variables.</param>
internal sealed class EnvironmentSecrets(Func<string, string?> environment) : ISecrets
{
    /// <inheritdoc/>
    public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var variable = $"Secrets__{ns}__{name}__{key}";

        // A value from a file or a pipe ends with a line break as a rule, and none of the values here can mean it.
        return Task.FromResult(environment(variable)?.TrimEnd('\r', '\n') is { } value
            ? new SecretAnswer(value, null)
            : new SecretAnswer(null, $"the secret {ns}/{name} has no key {key} at the worker; set the variable {variable} there"));
    }
}

using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>Secrets of the cluster that jobs run in. What was found is kept in memory for a short while; what was not is asked for anew, so that a secret that is made now helps now.</summary>
public sealed class KubernetesSecrets(KubeClient client, KubernetesSettings settings, TimeProvider time) : ISecrets
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), (JsonObject Data, long At)> _found = new();

    /// <inheritdoc/>
    public async Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation)
    {
        if (!_found.TryGetValue((ns, name), out var kept) || time.GetElapsedTime(kept.At) >= settings.SecretsKept)
        {
            var at = time.GetTimestamp();
            var answer = await client.GetAsync(KubeResource.Secrets, ns, name, cancellation).ConfigureAwait(false);
            if (answer.Failure is { } failure)
            {
                _found.TryRemove((ns, name), out _);
                return failure.Kind == KubeFailureKind.NotFound
                    ? new(null, $"the secret {ns}/{name} does not exist; make it: kubectl create secret generic {name} --namespace {ns} --from-literal={key}=...")
                    : new(null, $"the secret {ns}/{name} cannot be read: {failure.Message}", Answered: false);
            }

            kept = (answer.Value!["data"] as JsonObject ?? [], at);
            _found[(ns, name)] = kept;
        }

        // A value from a file ends with a line break as a rule, and none of the values here can mean it.
        return kept.Data[key] is JsonValue value && TryDecode(value, out var text)
            ? new(text.TrimEnd('\r', '\n'), null)
            : new(null, $"the secret {ns}/{name} has no key {key}{(kept.Data.Count == 0 ? "" : $"; it has {string.Join(", ", kept.Data.Select(d => d.Key))}")}");
    }

    private static bool TryDecode(JsonValue value, out string text)
    {
        text = "";
        if (!value.TryGetValue<string>(out var encoded))
        {
            return false;
        }

        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Workers.Working.State;

/// <summary>
/// A state in a Secret that is there already: the worker may read and patch that one, and no other. Each write names the version that was read, so that of two processes one is told.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="ns">Namespace of the Secret.</param>
/// <param name="name">Its name.</param>
public sealed class StateSecret(KubeClient client, string ns, string name) : IWorkerStateStore
{
    private const string Field = "state";
    private string? _version;

    /// <inheritdoc/>
    public string Where => $"the secret {ns}/{name}";

    /// <inheritdoc/>
    public async Task<(WorkerState? State, string? Error)> ReadAsync(CancellationToken cancellation)
    {
        var (text, error) = await TextAsync(cancellation).ConfigureAwait(false);
        return error is not null || text is null ? (null, error)
            : StateText.Read(text) is { } state ? (state, null)
            : (null, $"{Where} holds no state of a worker in its field {Field}; remove the field, and register anew: pushcart workers add NAME --replace");
    }

    /// <inheritdoc/>
    public async Task<string?> WriteAsync(WorkerState state, CancellationToken cancellation)
    {
        var text = StateText.Of(state);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = _version },
            ["data"] = new JsonObject { [Field] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) },
        };
        var answer = await client.PatchAsync(KubeResource.Secrets, ns, name, patch, cancellation).ConfigureAwait(false);
        if (answer.Value is { } secret)
        {
            _version = Version(secret);
            return null;
        }

        if (answer.Failure is { Kind: not KubeFailureKind.Conflict } failure)
        {
            return $"the state cannot be written to {Where}: {failure.Message}";
        }

        // It may have been this very write, whose answer was lost.
        var (there, error) = await TextAsync(cancellation).ConfigureAwait(false);
        return error ?? (there == text ? null : $"{Where} was changed by somebody else: is another worker process at work with it?");
    }

    private async Task<(string? Text, string? Error)> TextAsync(CancellationToken cancellation)
    {
        var answer = await client.GetAsync(KubeResource.Secrets, ns, name, cancellation).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            return (null, failure.Kind == KubeFailureKind.NotFound
                ? $"{Where} does not exist, and the worker may not make it: kubectl create secret generic {name} --namespace {ns}"
                : $"the state cannot be read from {Where}: {failure.Message}");
        }

        _version = Version(answer.Value!);
        return answer.Value!["data"]?[Field] is JsonValue value && value.TryGetValue<string>(out var encoded) && TryDecode(encoded, out var text) ? (text, null) : (null, null);
    }

    private static string? Version(JsonObject secret) => secret["metadata"]?["resourceVersion"]?.GetValue<string>();

    private static bool TryDecode(string encoded, out string text)
    {
        var bytes = new byte[encoded.Length];
        var isBase64 = Convert.TryFromBase64String(encoded, bytes, out var length);
        text = Encoding.UTF8.GetString(bytes, 0, length);
        return isBase64;
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Pushcart.Storage;

namespace Pushcart.Resources.KeyVault;

/// <summary>
/// Secrets of an Azure key vault. One secret of the vault is one of Pushcart, its value a JSON object of keys, as the data of a Kubernetes Secret:
/// <c>{"username":"reader","password":"…"}</c>. What was found is kept in memory for a short while; what was not is asked for anew, so that a secret
/// that is made now helps now.
/// </summary>
public sealed class KeyVaultSecrets : ISecrets
{
    private static readonly TimeSpan s_tryTimeout = TimeSpan.FromSeconds(5);

    // The identity may be looked for in several places, each of which takes its time to say no.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);
    private static readonly JsonDocumentOptions s_json = new() { AllowDuplicateProperties = false };

    private readonly ConcurrentDictionary<string, (JsonObject Data, long At)> _found = new();
    private readonly KeyVaultSettings _settings;
    private readonly TimeProvider _time;
    private readonly SecretClient _client;
    private readonly string _vault;

    /// <param name="settings">Which vault; its address must have been checked.</param>
    /// <param name="identity">Who asks.</param>
    /// <param name="time">Runs time-outs, waits and how long values are kept.</param>
    /// <param name="transport">What carries the requests; null: connections of its own.</param>
    public KeyVaultSecrets(KeyVaultSettings settings, TokenCredential identity, TimeProvider time, HttpMessageHandler? transport = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _time) = (settings, time);
        var handler = transport ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        var options = new SecretClientOptions(SecretClientOptions.ServiceVersion.V7_4)
        {
            Transport = new HttpClientTransport(new HttpClient(new TryTimeoutHandler(handler, s_tryTimeout, time)) { Timeout = Timeout.InfiniteTimeSpan }),
            RetryPolicy = new StorageRetryPolicy(new StorageSettings(), time),
        };
        options.Diagnostics.IsLoggingEnabled = options.Diagnostics.IsDistributedTracingEnabled = false;
        var address = settings.Address ?? throw new ArgumentException("it has no address of a key vault", nameof(settings));
        _client = new SecretClient(address, identity, options);
        _vault = address.Host;
    }

    /// <inheritdoc/>
    public async Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation)
    {
        var secret = KeyVaultNames.Of(ns, name);
        if (!_found.TryGetValue(secret, out var kept) || _time.GetElapsedTime(kept.At) >= _settings.SecretsKept)
        {
            _found.TryRemove(secret, out _);
            var at = _time.GetTimestamp();
            var (value, failure) = await AskAsync(secret, cancellation).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure.Kind == KeyVaultFailureKind.NotFound
                    ? new(null, $"the secret {ns}/{name} does not exist: the key vault {_vault} has no secret {secret}; make it: az keyvault secret set "
                        + $"--vault-name {_vault.Split('.')[0]} --name {secret} --file FILE, where FILE holds {Example(key)}")
                    : new(null, $"the secret {ns}/{name} cannot be read: the key vault {_vault}, asked for the secret {secret}: {failure.Message}", Answered: false);
            }

            if (Parse(value!) is not { } data)
            {
                return new(null, $"the secret {ns}/{name} cannot be used: the value of the secret {secret} of the key vault {_vault} must be {Example(key)}, and is something else");
            }

            kept = (data, at);
            _found[secret] = kept;
        }

        // A value from a file ends with a line break as a rule, and none of the values here can mean it.
        return kept.Data[key] is { } found
            ? new(found.GetValue<string>().TrimEnd('\r', '\n'), null)
            : new(null, $"the secret {ns}/{name} has no key {key}: the value of the secret {secret} of the key vault {_vault} "
                + (kept.Data.Count == 0 ? "is an empty JSON object" : $"has {string.Join(", ", kept.Data.Select(d => d.Key))}"));
    }

    private static string Example(string key) => $$"""a JSON object of texts, such as {"{{key}}":"..."}""";

    private static JsonObject? Parse(string value)
    {
        try
        {
            return JsonNode.Parse(value, documentOptions: s_json) is JsonObject data && data.All(d => d.Value?.GetValueKind() == JsonValueKind.String) ? data : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<(string? Value, KeyVaultFailure? Failure)> AskAsync(string secret, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(s_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            var answer = await _client.GetSecretAsync(secret, cancellationToken: either.Token).ConfigureAwait(false);
            return (answer.Value.Value, null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, KeyVaultFailure.OfTimeout(s_timeout));
        }
        catch (AuthenticationFailedException failure)
        {
            return (null, KeyVaultFailure.OfIdentity(failure));
        }
        catch (RequestFailedException failure)
        {
            return (null, KeyVaultFailure.Of(failure));
        }
        catch (TimeoutException)
        {
            return (null, KeyVaultFailure.OfTimeout(s_tryTimeout));
        }
        catch (InvalidOperationException failure)
        {
            // What the client says of a challenge for another domain than the vault's: the token would go to a stranger.
            return (null, KeyVaultFailure.OfChallenge(failure));
        }
    }
}

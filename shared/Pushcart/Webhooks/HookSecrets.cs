using Microsoft.Extensions.Logging;
using Pushcart.Resources;

namespace Pushcart.Webhooks;

/// <summary>For which sources a request speaks.</summary>
/// <param name="Origins">Names of the secrets that it knows, in order: the same for each delivery of one hook. None: it proves nothing.</param>
/// <param name="SpeaksFor">True for a watcher whose source has one of these secrets.</param>
/// <param name="Unread">Where it proves nothing: a secret that could not be asked for, so that it may be right; null: there is none.</param>
internal sealed record Verified(IReadOnlyList<string> Origins, Func<Watcher, bool> SpeaksFor, string? Unread);

/// <summary>
/// Finds out for which sources a provider's request speaks. A source has the secrets that it names, and that of its managed webhook; without either, those of the installation. Whoever knows
/// a secret speaks for the sources that have it, and for no others: one namespace's secret brings nothing about in another one. Where nothing is configured, nothing is open.
/// </summary>
internal sealed class HookSecrets(ISecrets secrets, ManagedSecret managed, ProviderSecrets installation, TimeProvider time, ILogger log)
{
    private const string OfInstallation = "installation";
    private const string OfManaged = "managed";

    /// <summary>Verifies a proof by the secrets of the sources, and of those of the installation where a source has none, or none is there.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="signed">What may be signed.</param>
    /// <param name="found">The sources of the repository.</param>
    /// <param name="sources">All sources.</param>
    /// <param name="section">The provider's name in the configuration.</param>
    /// <param name="cancellation">Ends the reads.</param>
    public async Task<Verified> VerifyAsync(
        Proof proof, IReadOnlyList<ReadOnlyMemory<byte>> signed, IReadOnlyList<Resource> found, RepositorySources sources, string section, CancellationToken cancellation)
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        string? unread = null;
        foreach (var source in found)
        {
            var spec = (GitRepoSpec)source.Spec!;
            foreach (var (origin, key) in sources.NamespacesOf(source.Name).SelectMany(ns => SecretsOf(spec, ns)).DistinctBy(s => s.Origin))
            {
                if (!known.ContainsKey(origin))
                {
                    var answer = await secrets.ReadAsync(key.Namespace!, key.Name, key.Key, cancellation).ConfigureAwait(false);
                    known[origin] = answer.Value is { } secret && proof.IsBy(secret, signed);
                    unread = answer.Value is null ? Told(source.Name, answer) ?? unread : unread;
                }
            }

            if (spec.ManageWebhook)
            {
                known[OfManaged] = known.GetValueOrDefault(OfManaged) | managed.Accepted(spec.RepoUri, time.GetUtcNow()).Aggregate(false, (any, secret) => any | proof.IsBy(secret, signed));
            }
        }

        if (found.Count == 0 || found.Any(s => HasNone((GitRepoSpec)s.Spec!)))
        {
            known[OfInstallation] = installation.Of(section).Aggregate(false, (any, secret) => any | proof.IsBy(secret, signed));
        }

        var origins = known.Where(k => k.Value).Select(k => k.Key).Order(StringComparer.Ordinal).ToList();
        var specs = found.ToDictionary(s => s.Name, s => (GitRepoSpec)s.Spec!);
        return new(origins, watcher => specs.TryGetValue(watcher.Source, out var spec) && OriginsOf(spec, watcher.Trigger.Name.Namespace!).Any(o => known.GetValueOrDefault(o)), unread);
    }

    private static bool HasNone(GitRepoSpec spec) => spec is { WebhookSecret: null, ManageWebhook: false };

    private static IEnumerable<string> OriginsOf(GitRepoSpec spec, string ns) => HasNone(spec) ? [OfInstallation]
        : SecretsOf(spec, ns).Select(s => s.Origin).Concat(spec.ManageWebhook ? [OfManaged] : []);

    private static IEnumerable<(string Origin, SecretKeyRef Key)> SecretsOf(GitRepoSpec spec, string ns) =>
        spec.WebhookSecret is not { } named ? [] : [($"{named.Namespace ?? ns}/{named.Name}/{named.Key}", named with { Namespace = named.Namespace ?? ns })];

    private string? Told(ResourceName source, SecretAnswer answer)
    {
        log.LogWarning("the webhook secret of {Source} cannot be read: {Error}", source, answer.Error);
        return answer.Answered ? null : answer.Error;
    }
}

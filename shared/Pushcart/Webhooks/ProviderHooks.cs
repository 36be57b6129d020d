using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Triggers.Owed;
using Pushcart.Webhooks.Providers;

namespace Pushcart.Webhooks;

/// <summary>
/// Takes the events of providers, <c>POST hooks/{provider}</c>.
/// <list type="number">
/// <item>The limit by address; who sends; what the request shows as proof.</item>
/// <item>The body, once and bounded. Of it only the repository's addresses are read, to find its secrets.</item>
/// <item>The proof, by the secrets of that repository's sources.</item>
/// <item>What is pushed, and who watches that.</item>
/// <item>The transaction that owes the checks. The same delivery a second time owes nothing.</item>
/// </list>
/// </summary>
public sealed class ProviderHooks
{
    private static readonly HookProvider[] s_providers = [new GiteaHooks(), new GitHubHooks(), new GitLabHooks(), new BitbucketHooks(), new AzureDevOpsHooks()];

    private readonly HookLimits _limits;
    private readonly HookSecrets _secrets;
    private readonly ResourceStore _resources;
    private readonly Owing _owing;
    private readonly Chance _chance;
    private readonly ILogger<ProviderHooks> _log;

    /// <summary>What takes the events.</summary>
    public ProviderHooks(
        HookLimits limits, ISecrets secrets, ManagedSecret managed, ProviderSecrets installation, ResourceStore resources, Owing owing, TimeProvider time, Chance chance, ILogger<ProviderHooks> log)
    {
        (_limits, _resources, _owing, _chance, _log) = (limits, resources, owing, chance, log);
        _secrets = new(secrets, managed, installation, time, log);
    }

    /// <summary>Names of the providers, as their addresses have them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["github", "gitlab", "gitea", "forgejo", "bitbucket", "azuredevops"];

    /// <summary>Answers a request.</summary>
    /// <param name="name">The provider, as in the address.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<HookAnswer> TakeAsync(string name, HookRequest request, CancellationToken cancellation)
    {
        var answer = await AnswerAsync(name, request, cancellation).ConfigureAwait(false);
        Measures.Answered(Names.Contains(name) ? name : "unknown", answer.Code);
        return answer;
    }

    private async Task<HookAnswer> AnswerAsync(string name, HookRequest request, CancellationToken cancellation)
    {
        // 1. Who.
        if (_limits.TakeFrom(request.Client) is { } wait)
        {
            return HookAnswer.Limited(wait);
        }

        if (ProviderOf(name, request) is not { } provider)
        {
            return HookAnswer.Refused(404, $"provider isn't known; it is one of {string.Join(", ", Names)}");
        }

        if (provider.ProofOf(request) is not { } proof)
        {
            return HookAnswer.Refused(401, $"authorization is required: {provider.ProofHeader(request)} is missing, or has not the right form");
        }

        // 2. What it is about.
        var (payload, refusal) = await Payload.ReadAsync(request, cancellation).ConfigureAwait(false);
        if (payload is null)
        {
            return refusal!;
        }

        if (payload.Texts(provider.Addresses) is not { } addresses)
        {
            return HookAnswer.Refused(400, "the body is no JSON object");
        }

        try
        {
            return await TakeAsync(provider, request, proof, payload, addresses, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageFailure.IsAway(e, cancellation))
        {
            _log.LogWarning("an event of {Provider} was not accepted, storage does not answer: {Error}", provider.Name, e.Message);
            return HookAnswer.Away;
        }
    }

    private async Task<HookAnswer> TakeAsync(HookProvider provider, HookRequest request, Proof proof, Payload payload, IReadOnlyList<string> addresses, CancellationToken cancellation)
    {
        // 3. The proof.
        var catalog = await _resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var sources = RepositorySources.Of(catalog);
        var found = sources.Find(addresses.Select(RepositoryIdentity.Of).OfType<string>().Distinct());
        var verified = await _secrets.VerifyAsync(proof, provider.Signed(payload), found, sources, provider.Section, cancellation).ConfigureAwait(false);
        if (verified.Origins.Count == 0)
        {
            return verified.Unread is null
                ? HookAnswer.Refused(401, "no secret of this repository proves the request right")
                : HookAnswer.Refused(503, "a secret of this repository cannot be read now; send it again");
        }

        // 4. Who watches it.
        if (provider.EventOf(request, payload) is not { } what)
        {
            return HookAnswer.Refused(400, "the request names no event");
        }

        if (what == provider.Ping)
        {
            return HookAnswer.Nothing("pong");
        }

        if (!provider.Pushes.Contains(what))
        {
            return HookAnswer.Nothing($"{Wording.Quote(what)} is no event of a push; nothing follows from it");
        }

        if (payload.Read(provider.ReferencesOf) is not { } references)
        {
            return HookAnswer.Refused(400, $"the body has not the form of {Wording.Quote(what)} as {provider.Name} sends it");
        }

        var pushed = references.Where(r => !r.IsDeleted).ToList();
        if (pushed.Count == 0)
        {
            return HookAnswer.Nothing(references.Count == 0 ? "no reference was pushed" : "the reference was deleted; there is nothing to check");
        }

        var watchers = found.SelectMany(s => sources.WatchersOf(s.Name)).Where(verified.SpeaksFor).Where(w => Pushed(w, pushed) is not null).ToList();
        var checks = watchers.Where(w => !w.Spec.Suspend).Select(w => new EventCheck(w.Trigger.Uid, w.Source.Name, Pushed(w, pushed)!.Commit, Pushed: true)).ToList();
        if (checks.Count == 0)
        {
            return HookAnswer.Nothing(watchers.Count > 0 ? "suspended" : $"no trigger watches {Wording.Quote(string.Join(", ", pushed.Select(p => p.Name)))} of this repository");
        }

        // 5. The checks.
        return await OweAsync(provider, provider.DeliveryOf(request, payload), verified, checks, cancellation).ConfigureAwait(false);
    }

    /// <summary>Owes the checks. One hook's delivery is one event: another hook of the same repository speaks for other sources, though GitHub gives both deliveries one id.</summary>
    private async Task<HookAnswer> OweAsync(HookProvider provider, string? delivery, Verified verified, IReadOnlyList<EventCheck> checks, CancellationToken cancellation)
    {
        var id = delivery is null ? _chance.NewId() : IdOf(provider, delivery, verified);
        var cause = delivery is { Length: <= 80 } && delivery.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '{' or '}') ? $"webhook {provider.Name} {delivery}" : $"webhook {provider.Name}";
        var answer = await _owing.OweAllAsync(id, cause, checks, body: null, cancellation).ConfigureAwait(false);
        return answer == OweAnswer.Duplicate ? new(200, "duplicate", id) : HookAnswer.Accepted(id);
    }

    private static string IdOf(HookProvider provider, string delivery, Verified verified) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{provider.Name}\n{delivery}\n{string.Join('\n', verified.Origins)}")))[..32];

    // A commit never changes: it is checked when it is what was pushed.
    private static PushedReference? Pushed(Watcher watcher, List<PushedReference> pushed) => watcher.Spec.Sources.Reference is var reference && reference.FullName is { } name
        ? pushed.LastOrDefault(p => p.Name == name)
        : pushed.LastOrDefault(p => p.Commit == reference.Name);

    // Gitea and Forgejo send GitHub's headers too: they are looked for first.
    private static HookProvider? ProviderOf(string name, HookRequest request) => name switch
    {
        "forgejo" or "gitea" => s_providers[0],
        "github" => s_providers[0].Takes(request) ? s_providers[0] : s_providers[1],
        _ => s_providers.FirstOrDefault(p => p.Name == name),
    };
}

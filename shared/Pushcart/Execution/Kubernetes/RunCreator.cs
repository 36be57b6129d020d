using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Git;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// Creates a run.
/// <list type="number">
/// <item>The Job, once.</item>
/// <item>Where the name is taken: it is adopted if it is this run's.</item>
/// <item>The Secret with its credentials, owned by the Job, which therefore comes first; the pod waits for it. Adopting makes sure of it too.</item>
/// </list>
/// </summary>
internal sealed class RunCreator(KubeClient client, ILogger log)
{
    private const string AlreadyExists = "AlreadyExists";
    private const int MostSupplied = 10_000;

    // Uids of Jobs whose Secret this process has made sure of. It saves requests while a pod waits; who does not know asks again.
    private readonly ConcurrentDictionary<string, bool> _supplied = new();

    /// <summary>Creates the run.</summary>
    public async Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        if (spec.Image is null)
        {
            return new(CreateResult.Refused, "there is no image for the work; set actionJob.actionImage of the action, or actionImage of the Settings");
        }

        var (job, error) = Build(spec);
        if (job is null)
        {
            return new(CreateResult.Refused, error);
        }

        // 1. The Job.
        var created = await client.CreateAsync(KubeResource.Jobs, spec.Key.Namespace, job, spec.CreateBefore, cancellation).ConfigureAwait(false);
        var stored = created.Value;
        var result = CreateResult.Created;
        if (created.Failure is { } failure)
        {
            if (failure is not { Kind: KubeFailureKind.Conflict, Reason: AlreadyExists })
            {
                return new(ResultOf(failure), failure.Message);
            }

            // 2. The name is taken.
            var there = await client.GetAsync(KubeResource.Jobs, spec.Key.Namespace, spec.Key.Name, cancellation).ConfigureAwait(false);
            if (there.Value is null)
            {
                return new(CreateResult.Unknown, $"{failure.Message}; and it could not be read: {there.Failure!.Message}");
            }

            if (!JobLabels.Carries(there.Value, spec.Installation, spec.Key))
            {
                return new(CreateResult.Refused, $"the Job {spec.Key.Namespace}/{spec.Key.Name} is there already and is not of this job, run and installation; delete it, and run the job again");
            }

            (stored, result) = (there.Value, CreateResult.Exists);
        }

        // 3. The Secret. The Job is there whatever becomes of it, and Observe makes sure of it again.
        if (stored.TextAt("metadata", "deletionTimestamp") is null && await SupplyAsync(spec, job, stored.TextAt("metadata", "uid") ?? "", cancellation).ConfigureAwait(false) is { } problem)
        {
            log.LogWarning("{Run} waits for its credentials: {Problem}", spec.Key.Name, problem);
        }

        return new(result);
    }

    /// <summary>Makes sure of the Secret of a run that is there.</summary>
    /// <returns>Null, or why it is not there.</returns>
    public async Task<string?> EnsureAsync(RunSpec spec, string uid, CancellationToken cancellation)
    {
        if (spec.Image is null)
        {
            return "there is no image for the work";
        }

        var (job, error) = Build(spec);
        return job is null ? error : await SupplyAsync(spec, job, uid, cancellation).ConfigureAwait(false);
    }

    private async Task<string?> SupplyAsync(RunSpec spec, JsonObject job, string uid, CancellationToken cancellation)
    {
        if (!CloneSecret.IsNeeded(spec.Checkout.Endpoint) || _supplied.ContainsKey(uid))
        {
            return null;
        }

        var problem = await CreateSecretAsync(spec, job, uid, cancellation).ConfigureAwait(false);
        if (problem is null)
        {
            if (_supplied.Count >= MostSupplied)
            {
                _supplied.Clear();
            }

            _supplied[uid] = true;
        }

        return problem;
    }

    private async Task<string?> CreateSecretAsync(RunSpec spec, JsonObject job, string uid, CancellationToken cancellation)
    {
        var answer = await client.CreateAsync(KubeResource.Secrets, spec.Key.Namespace, CloneSecret.Build(spec, job, uid), null, cancellation).ConfigureAwait(false);
        return answer.Failure switch
        {
            null => null,
            { Kind: KubeFailureKind.Conflict, Reason: AlreadyExists } => await OwnedAsync(spec, uid, cancellation).ConfigureAwait(false),
            { } failure => failure.Message,
        };
    }

    // One of an earlier Job of this name, deleted by hand, is about to be collected together with what waits for it.
    private async Task<string?> OwnedAsync(RunSpec spec, string uid, CancellationToken cancellation)
    {
        var there = await client.GetAsync(KubeResource.Secrets, spec.Key.Namespace, spec.Key.Name, cancellation).ConfigureAwait(false);
        return there.Value is null ? there.Failure!.Message
            : there.Value.ItemsAt("metadata", "ownerReferences").Any(owner => owner.TextAt("uid") == uid) ? null
            : $"the Secret {spec.Key.Namespace}/{spec.Key.Name} is there already and is not of this run";
    }

    private static (JsonObject? Job, string? Error) Build(RunSpec spec)
    {
        try
        {
            var job = JobBuilder.Build(spec);
            _ = CloneSecret.Build(spec, job, "");
            return (job, null);
        }
        catch (GitException failure)
        {
            return (null, failure.Message);
        }
    }

    /// <summary>What a failed create means: whether it may have happened comes first.</summary>
    private static CreateResult ResultOf(KubeFailure failure) => failure switch
    {
        { MayHaveHappened: true } => CreateResult.Unknown,
        { Kind: KubeFailureKind.NotFound or KubeFailureKind.Forbidden or KubeFailureKind.Invalid } => CreateResult.Refused,

        // Surely not created: too many requests, no connection, credentials that have run out, a quota that was being changed.
        _ => CreateResult.Busy,
    };
}

using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// Reads runs from the cluster: first the Jobs, then their pods, for a pod that is listed before its Job ends says nothing about what is alive afterwards; and
/// last, only where something is wrong, the events.
/// </summary>
internal sealed class RunReader(KubeClient client, TimeProvider time, ToldOnce told)
{
    /// <summary>All runs of an installation.</summary>
    /// <param name="installation">The installation.</param>
    /// <param name="ns">The namespace; null: all.</param>
    /// <param name="cancellation">Ends the reading, by an exception.</param>
    public async Task<KubeAnswer<List<(RunView View, PodState? Pod)>>> ListAsync(string installation, string? ns, CancellationToken cancellation)
    {
        var selector = JobLabels.SelectorOf(installation);
        var jobs = await client.ListAsync(KubeResource.Jobs, ns, selector, null, cancellation).ConfigureAwait(false);
        return jobs.Failure is { } failure ? failure : await WithPodsAsync(jobs.Value!.Items, selector, ns, cancellation).ConfigureAwait(false);
    }

    /// <summary>One run, by name: read anew, not from a cache.</summary>
    /// <returns>The run; without one where neither its Job nor anything alive of it is there.</returns>
    public async Task<KubeAnswer<List<(RunView View, PodState? Pod)>>> FindAsync(string installation, RunKey key, CancellationToken cancellation)
    {
        var job = await client.GetAsync(KubeResource.Jobs, key.Namespace, key.Name, cancellation).ConfigureAwait(false);
        if (job.Failure is { Kind: not KubeFailureKind.NotFound } failure)
        {
            return failure;
        }

        IReadOnlyList<JsonObject> jobs = job.Value is { } found && JobLabels.Carries(found, installation, key) ? [found] : [];
        return await WithPodsAsync(jobs, JobLabels.SelectorOf(installation, key), key.Namespace, cancellation).ConfigureAwait(false);
    }

    private async Task<KubeAnswer<List<(RunView View, PodState? Pod)>>> WithPodsAsync(
        IReadOnlyList<JsonObject> jobs, string selector, string? ns, CancellationToken cancellation)
    {
        var listed = await client.ListAsync(KubeResource.Pods, ns, selector, null, cancellation).ConfigureAwait(false);
        if (listed.Failure is { } failure)
        {
            return failure;
        }

        var pods = listed.Value!.Items
            .Select(pod => (Owner: OwnerOf(pod), Pod: pod))
            .Where(pod => pod.Owner.Key is not null)
            .ToLookup(pod => pod.Owner.Key!, pod => (pod.Owner.Uid, State: new PodState(pod.Pod)));
        var runs = jobs
            .Select(job => (Key: JobLabels.KeyOf(job, job.TextAt("metadata", "name")), Job: job))
            .Where(job => job.Key is not null)
            .Select(job => (Key: job.Key!, job.Job, Pods: pods[job.Key!].Select(pod => pod.State).ToList()))
            .ToList();

        // The events of a namespace, once, and only where a run needs them.
        var events = new Dictionary<string, RunEvents>();
        var lacking = runs.Where(run => RunViews.LacksPod(run.Job, run.Pods, time.GetUtcNow())).Select(run => run.Key.Namespace).ToHashSet();
        var waiting = runs.Where(run => run.Pods.Exists(pod => pod.ImageError() is not null)).Select(run => run.Key.Namespace).ToHashSet();
        foreach (var place in lacking.Union(waiting))
        {
            events[place] = new RunEvents(
            [
                .. lacking.Contains(place) ? await EventsAsync(place, RunEvents.OfJobs, cancellation).ConfigureAwait(false) : [],
                .. waiting.Contains(place) ? await EventsAsync(place, RunEvents.OfPods, cancellation).ConfigureAwait(false) : [],
            ]);
        }

        var views = runs.ConvertAll(run => (RunViews.Of(run.Key, run.Job, run.Pods, events.GetValueOrDefault(run.Key.Namespace, RunEvents.None)), Newest(run.Pods)));
        var known = runs.Select(run => run.Key).ToHashSet();
        foreach (var rest in pods.Where(group => !known.Contains(group.Key)))
        {
            var states = rest.Select(pod => pod.State).ToList();
            if (RunViews.OfRest(rest.Key, rest.First().Uid ?? "", states) is { } view)
            {
                views.Add((view, Newest(states)));
            }
        }

        return views;
    }

    private async Task<IReadOnlyList<JsonObject>> EventsAsync(string ns, string selector, CancellationToken cancellation)
    {
        var answer = await client.ListAsync(KubeResource.Events, ns, null, selector, cancellation).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            told.Tell(ns, "reasons may be missing, for want of the events", failure);
        }

        return answer.Value?.Items ?? [];
    }

    private static PodState? Newest(List<PodState> pods) => pods.MaxBy(pod => pod.CreatedAt);

    // The name of a pod's Job is that of its owner; the label that Kubernetes gives it has changed its name over time.
    private static (RunKey? Key, string? Uid) OwnerOf(JsonObject pod)
    {
        var owner = pod.ItemsAt("metadata", "ownerReferences").FirstOrDefault(o => o.TextAt("kind") == "Job");
        var name = owner.TextAt("name") ?? pod.TextAt("metadata", "labels", "batch.kubernetes.io/job-name") ?? pod.TextAt("metadata", "labels", "job-name");
        return (JobLabels.KeyOf(pod, name), owner.TextAt("uid"));
    }
}

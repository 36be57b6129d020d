using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>
/// What a new process of a worker is told: its started jobs (line 24), and, where it asks for that, where runs of its name may be. Of a job that has ended meanwhile no row may be left, so the namespaces are those of the
/// actions that ask for it; of no others, for which it may have no right.
/// </summary>
public sealed class Returning(Claims claims, ResourceStore resources)
{
    /// <summary>Gives the process its jobs, and tells the namespaces.</summary>
    public async Task<Answer<ReturnAnswer>> ReturnAsync(ReturnRequest request, Caller caller, CancellationToken cancellation)
    {
        var answer = await claims.ReturnAsync(request, caller, cancellation).ConfigureAwait(false);
        if (answer.Value is not { } returned || !request.Namespaces)
        {
            return answer;
        }

        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var asking = catalog.All.Where(r => r.Spec is ActionSpec { Job.Worker: { } asked } && (asked.Name is null || asked.Name == WorkerNames.NameOf(request.Worker))).ToList();

        // A ClusterAction runs in the namespace of the trigger that names it.
        var shared = asking.Where(r => r.Name.Namespace is null).Select(r => r.Name).ToHashSet();
        var triggers = shared.Count == 0 ? [] : catalog.Triggers.Where(t => shared.Contains(Catalog.ActionName(((TriggerSpec)t.Spec!).Action, t.Name.Namespace!)));
        var namespaces = asking.Concat(triggers).Select(r => r.Name.Namespace).OfType<string>().Where(caller.Namespaces.Has).Distinct().Order(StringComparer.Ordinal);
        return returned with { Namespaces = [.. namespaces] };
    }
}

using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;
using Pushcart.Triggers.Checks;

namespace Pushcart.Triggers.Steering;

/// <summary>Applies manifests, and sends at once what they make due. The messages are hints: the next tick, or Observe, would send the same.</summary>
public sealed class Applying(ResourceStore resources, CheckQueue queue, LiveSources live, PollSettings poll, IKnownWorkers workers, TimeProvider time)
{
    /// <summary>Applies manifests.</summary>
    /// <param name="manifests">What is to be.</param>
    /// <param name="prune">True where every other resource goes.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ApplyResult> ApplyAsync(IReadOnlyList<Manifest> manifests, bool prune, CancellationToken cancellation) => ApplyAsync(manifests, prune, dryRun: false, cancellation);

    /// <summary>The same, or what it would do.</summary>
    /// <param name="manifests">What is to be.</param>
    /// <param name="prune">True where every other resource goes.</param>
    /// <param name="dryRun">True where nothing is written, and nothing sent.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ApplyResult> ApplyAsync(IReadOnlyList<Manifest> manifests, bool prune, bool dryRun, CancellationToken cancellation)
    {
        var result = await resources.ApplyAsync(manifests, prune, dryRun, cancellation).ConfigureAwait(false);
        return dryRun ? await WithNotesAsync(result, cancellation).ConfigureAwait(false) : await SentAsync(result, cancellation).ConfigureAwait(false);
    }

    /// <summary>Changes one resource, and sends what that makes due.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="edit">Gives its new spec.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ApplyResult> EditAsync(ResourceName name, Func<Spec, Spec> edit, CancellationToken cancellation) =>
        await SentAsync(await resources.EditAsync(name, edit, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    private async Task<ApplyResult> SentAsync(ApplyResult result, CancellationToken cancellation)
    {
        var touched = result.Created.Concat(result.Changed).ToList();
        if (result.Errors.Count > 0 || touched.Count == 0)
        {
            return result;
        }

        var catalog = await resources.CurrentAsync(touched.Max(r => r.Generation), cancellation).ConfigureAwait(false);
        var due = touched
            .Where(r => r.Spec is ScheduleTriggerSpec { Suspend: false } && r.Generation == catalog.Generation)
            .SelectMany(r => ((ScheduleTriggerSpec)r.Spec!).Sources.Names.Select(source => new DueCheck(r.Uid, source, r.ScheduledSince)));
        await queue.SendAsync(catalog, due, TimeSpan.Zero, cancellation).ConfigureAwait(false);

        foreach (var resource in touched.Where(r => r.Spec is ActionSpec or GitRepoSpec))
        {
            var tasks = resource.Spec is ActionSpec
                ? await live.TasksAsync(ActionOf(resource.Name), source: null, cancellation).ConfigureAwait(false)
                : await live.TasksAsync(action: null, resource.Name.Name, cancellation).ConfigureAwait(false);
            await queue.SendTasksAsync(catalog.Generation, tasks.Select(t => t.Key), cancellation).ConfigureAwait(false);
        }

        return await WithNotesAsync(result, cancellation).ConfigureAwait(false);
    }

    private async Task<ApplyResult> WithNotesAsync(ApplyResult result, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var notes = new List<string>();
        foreach (var resource in result.Created.Concat(result.Changed))
        {
            var note = resource.Spec is ActionSpec { Job.Worker: var asked }
                ? await workers.WhyNoneAsync(asked?.Name, WorkerLabels.Write(asked?.Labels), resource.Name.Namespace, cancellation).ConfigureAwait(false)
                : poll.NoteOn(resource.Spec, now);
            if (note is not null)
            {
                notes.Add($"{resource.Name}: {note}");
            }
        }

        return result with { Notes = notes };
    }

    /// <summary>An action as a task names it.</summary>
    internal static string ActionOf(ResourceName name) => $"{name.Kind}|{name.Namespace}|{name.Name}";
}

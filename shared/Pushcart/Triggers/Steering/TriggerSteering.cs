using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Steering;

/// <summary>A manual run that is accepted.</summary>
/// <param name="TaskId">What tells what becomes of it.</param>
public sealed record RunAccepted(string TaskId);

/// <summary>A trigger that was suspended or resumed.</summary>
/// <param name="Trigger">The trigger.</param>
/// <param name="Suspended">True while nothing of it fires but a manual run.</param>
/// <param name="Changed">False where it was so before.</param>
public sealed record SuspendedView(string Trigger, bool Suspended, bool Changed);

/// <summary>What people do with triggers: run one now, suspend and resume it.</summary>
public sealed class TriggerSteering(ResourceStore resources, Applying applying, LiveSources live, Owing owing, Chance chance)
{
    /// <summary>Runs a trigger now, also a suspended one: a job for each source at the commit that its reference has.</summary>
    /// <param name="kind">Kind of the trigger.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="run">Which of its sources, and how.</param>
    /// <param name="key">The same for each time that this is asked for; null: each time is a new run.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellation">Ends the call; it may have been accepted.</param>
    public async Task<Answer<RunAccepted>> RunAsync(string kind, string ns, string name, RunOptions run, string? key, string by, CancellationToken cancellation)
    {
        var id = RequestKey.IdOf(by, ns, "run", key, chance);
        var found = await FindAsync(resources, kind, ns, name, cancellation).ConfigureAwait(false);
        if ((QueryFlag.Read("ifChanged", run.IfChanged, out var ifChanged) ?? id.Refusal ?? found.Refusal) is { } refusal)
        {
            return refusal;
        }

        var (trigger, _) = found.Value!;
        var sources = ((TriggerSpec)trigger.Spec!).Sources.Names;
        if (!string.IsNullOrEmpty(run.Source))
        {
            if (!sources.Contains(run.Source))
            {
                return new Refusal(RefusalCodes.NoSuchSource, $"{trigger.Name} has no source {Wording.Quote(run.Source)}; it has {string.Join(", ", sources)}");
            }

            sources = [run.Source];
        }

        // A check that finds a change is no manual run: its job supersedes others, and is superseded.
        var cause = ifChanged ? $"check asked for by {by}" : $"{Job.ManualCause} run by {by}";
        var body = RequestKey.Hash($"{trigger.Name}\n{run.Source}\n{ifChanged}");
        var checks = sources.Select(s => new EventCheck(trigger.Uid, s, Force: !ifChanged));

        // Looked at first: another request under the same key owes nothing, not even a part.
        var before = string.IsNullOrEmpty(key) ? null : await live.FindDeliveryAsync(id.Value!, cancellation).ConfigureAwait(false);
        if (before is null && await owing.OweAllAsync(id.Value!, cause, checks, body, cancellation).ConfigureAwait(false) == OweAnswer.Duplicate)
        {
            before = await live.FindDeliveryAsync(id.Value!, cancellation).ConfigureAwait(false);
        }

        if (before is not null && before.GetString("body") != body)
        {
            return Requesting.OtherRequest;
        }

        return new RunAccepted(id.Value!);
    }

    /// <summary>Suspends or resumes a trigger. Whatever else is changed of it at the same time stays.</summary>
    /// <param name="kind">Kind of the trigger.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="suspend">True to suspend it.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    public async Task<Answer<SuspendedView>> SuspendAsync(string kind, string ns, string name, bool suspend, CancellationToken cancellation)
    {
        var found = await FindAsync(resources, kind, ns, name, cancellation).ConfigureAwait(false);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var trigger = found.Value!.Trigger.Name;
        var result = await applying.EditAsync(trigger, spec => (TriggerSpec)spec with { Suspend = suspend }, cancellation).ConfigureAwait(false);
        return ResourceSteering.RefusalOf(result) is { } refused ? refused : new SuspendedView(trigger.ToString(), suspend, result.Changed.Count > 0);
    }

    /// <summary>A trigger that can be used, and the resources around it.</summary>
    internal static async Task<Answer<FoundTrigger>> FindAsync(ResourceStore resources, string kind, string ns, string name, CancellationToken cancellation)
    {
        if (kind is not (nameof(ResourceKind.ScheduleTrigger) or nameof(ResourceKind.WebhookTrigger)))
        {
            return new Refusal(RefusalCodes.NoTriggerKind, $"{Wording.Quote(kind)} is no kind of trigger: {nameof(ResourceKind.ScheduleTrigger)} or {nameof(ResourceKind.WebhookTrigger)}");
        }

        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        var of = new ResourceName(Enum.Parse<ResourceKind>(kind), ns, name);
        return catalog.Find(of) switch
        {
            null => ResourceQueries.NotFound(of),
            { Spec: null } trigger => new Refusal(RefusalCodes.TriggerUnusable, $"{of} cannot be used: {trigger.Error}"),
            { } trigger => new FoundTrigger(trigger, catalog),
        };
    }
}

/// <summary>How a trigger is run.</summary>
/// <param name="Source">Only this source of it; null or empty: all.</param>
/// <param name="IfChanged"><c>true</c>: only what has changed fires; <c>false</c>, empty or null: everything.</param>
public sealed record RunOptions(string? Source, string? IfChanged);

/// <summary>A trigger that can be used.</summary>
/// <param name="Trigger">The trigger.</param>
/// <param name="Catalog">The resources around it.</param>
internal sealed record FoundTrigger(Resource Trigger, Catalog Catalog);

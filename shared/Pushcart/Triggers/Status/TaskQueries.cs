using System.Text.Json;
using Azure.Data.Tables;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Status;

/// <summary>Tells what became of an accepted event, for as long as it is kept (<see cref="CheckSettings.DeliveriesKept"/>). It reads; nothing is written.</summary>
public sealed class TaskQueries(LiveSources live, ResourceStore resources, JobQueries jobs)
{
    private const int AtOnce = 8;

    /// <summary>One event; null where there is none, or none any more.</summary>
    /// <param name="id">What the event was answered with.</param>
    /// <param name="within">Where the caller may look: of an event of several namespaces only that is shown, and one of none of them is not there.</param>
    /// <param name="cancellation">Ends the queries.</param>
    public async Task<TaskView?> FindAsync(string id, AllowedNamespaces within, CancellationToken cancellation)
    {
        if (id.Length is 0 or > 100 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return null;
        }

        // Tasks before outcomes: a check that is answered in between is in both, never in neither.
        var tasks = await live.TasksOfAsync(id, cancellation).ConfigureAwait(false);
        var rows = await live.DeliveriesOfAsync(id, cancellation).ConfigureAwait(false);
        if (rows.FirstOrDefault(r => r.RowKey == Delivery.KeyOf(id)) is not { } accepted)
        {
            return null;
        }

        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        bool IsWithin(string? uid) => within.IsAll || (uid is not null && catalog.Find(uid) is { } trigger && within.Has(trigger.Name.Namespace));
        var outcomes = rows.Where(r => r.GetString("outcome") is not null && IsWithin(r.GetString("triggerUid"))).ToList();
        var answered = rows.Where(r => r.GetString("outcome") is not null).Select(r => r.RowKey[Delivery.Prefix.Length..]).ToHashSet();
        var waiting = tasks.Where(t => t.Rest is null && !answered.Contains(t.Key[OwedTask.Prefix.Length..]) && IsWithin(t.TriggerUid)).ToList();
        var sources = new TaskSourceView[outcomes.Count + waiting.Count];
        await Parallel.ForAsync(0, sources.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (n, stop) =>
            sources[n] = n < outcomes.Count
                ? await OutcomeAsync(outcomes[n], catalog, within, stop).ConfigureAwait(false)
                : await WaitingAsync(waiting[n - outcomes.Count], catalog, stop).ConfigureAwait(false)).ConfigureAwait(false);
        var all = sources.Concat(tasks.Where(t => t.Rest is not null).SelectMany(t => Rest(t).Where(check => IsWithin(check.Trigger)).Select(check => WaitingOf(check, catalog)))).ToList();
        var job = accepted.GetString("job") is { } asked && (within.IsAll || await jobs.FindAsync(asked, within, cancellation).ConfigureAwait(false) is not null) ? asked : null;
        if (!within.IsAll && all.Count == 0 && job is null)
        {
            return null;
        }

        return new()
        {
            TaskId = id,
            Cause = accepted.GetString("cause") ?? "",
            AcceptedAt = Rfc3339.Text(accepted.GetDateTimeOffset("at") ?? default),
            State = all.Any(s => s.State == TaskView.Failing) ? TaskView.Failing : all.Any(s => s.State == TaskView.Waiting) ? TaskView.Waiting : TaskView.Done,
            Job = job is not null ? await JobAsync(job, within, cancellation).ConfigureAwait(false) : null,
            Sources = all,
        };
    }

    private async Task<TaskSourceView> OutcomeAsync(TableEntity row, Catalog catalog, AllowedNamespaces within, CancellationToken cancellation)
    {
        var outcome = row.GetString("outcome")!;
        return new()
        {
            Trigger = NameOf(row.GetString("triggerUid"), catalog),
            Source = row.GetString("source") ?? "",
            State = outcome,
            Error = outcome == Delivery.GivenUp ? row.GetText("detail") : null,
            Job = outcome == Delivery.Submitted && row.GetText("detail") is { } job ? await JobAsync(job, within, cancellation).ConfigureAwait(false) : null,
        };
    }

    private async Task<TaskSourceView> WaitingAsync(OwedTask task, Catalog catalog, CancellationToken cancellation)
    {
        var view = new TaskSourceView { Trigger = NameOf(task.TriggerUid, catalog), Source = task.Source, State = TaskView.Waiting };
        if (catalog.Find(task.TriggerUid) is not { Spec: TriggerSpec } trigger
            || await live.FindAsync(CheckItem.Of(trigger, task.Source).StateKey, cancellation).ConfigureAwait(false) is not { Error: { } error })
        {
            return view;
        }

        return view with { State = TaskView.Failing, Error = error, NextTry = Rfc3339.Text(task.SendAt) };
    }

    // Of a whole event with many checks: those that have no task yet.
    private static IEnumerable<EventCheck> Rest(OwedTask whole) => (JsonSerializer.Deserialize<List<EventCheck>>(whole.Rest!) ?? []).Skip(whole.Number);

    private static TaskSourceView WaitingOf(EventCheck check, Catalog catalog) => new() { Trigger = NameOf(check.Trigger, catalog), Source = check.Source, State = TaskView.Waiting };

    private async Task<TaskJobView> JobAsync(string id, AllowedNamespaces within, CancellationToken cancellation) => new(id, (await jobs.FindAsync(id, within, cancellation).ConfigureAwait(false))?.State);

    private static string? NameOf(string? uid, Catalog catalog) => uid is null ? null : catalog.Find(uid)?.Name.ToString();
}

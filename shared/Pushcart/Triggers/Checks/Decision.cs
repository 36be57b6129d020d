using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>
/// What a check decides of one source, for all that ask for it: the schedule and every event. The decisions are pure; <see cref="Answering"/> writes them.
/// </summary>
internal abstract record Decision
{
    /// <summary>Events that this decision does not answer: their tasks stay, and a later message looks again.</summary>
    public IReadOnlyList<OwedTask> Waiting { get; init; } = [];

    /// <summary>Nothing is to be written: unchanged, or answered already.</summary>
    public sealed record Nothing : Decision;

    /// <summary>Git has to be asked.</summary>
    public sealed record Ask : Decision;

    /// <summary>Answered without a job: the tasks and the error go.</summary>
    /// <param name="Outcome">Of each event.</param>
    public sealed record Settle(string Outcome = Delivery.Unchanged) : Decision
    {
        /// <summary>Events that are decided on after this is written.</summary>
        public IReadOnlyList<OwedTask> Left { get; init; } = [];
    }

    /// <summary>The commits that the events announced are not there yet (a lagging replica), and nothing else is asked.</summary>
    public sealed record LookAgain : Decision;

    /// <summary>A job for what has changed, or one for each that fires whatever has changed (<see cref="CheckItem.Runs"/>).</summary>
    /// <param name="Commit">What it runs.</param>
    /// <param name="Moves">False where another commit is shown so soon after the last change that a replica may lag: who wants a job at once gets it, but the commit on record stays.</param>
    public sealed record Fire(string Commit, bool Moves = true) : Decision;

    /// <summary>Another commit is shown soon after a change, perhaps an older one by a replica that lags: a second look decides.</summary>
    public sealed record Confirm(string Commit) : Decision;

    /// <summary>No answer: the checks are owed.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="BackOff">True where the remote failed; false where the configuration is wrong.</param>
    /// <param name="Denied">True where credentials were refused.</param>
    public sealed record Fail(string Error, bool BackOff, bool Denied = false) : Decision;

    /// <summary>The source backs off: the checks are owed, without asking.</summary>
    public sealed record Postpone : Decision;

    /// <summary>Decides what can be decided before git is asked.</summary>
    public static Decision BeforeAsking(ReadItem read, Catalog catalog, DateTimeOffset now)
    {
        var (item, state, task, events) = read;
        var due = read.DueBy(now);
        if (events.Count == 0 && (due is null || !IsLookedAtByItself(read, catalog)))
        {
            return new Nothing();
        }

        if (item.Spec.Suspend)
        {
            // A manual run goes on, once the others have their outcome.
            var forced = events.Where(e => e.Force).ToList();
            if (forced.Count < events.Count || (forced.Count == 0 && state.Owed))
            {
                return new Settle(Delivery.Suspended) { Left = forced };
            }

            if (forced.Count == 0)
            {
                return new Nothing();
            }
        }

        if (WrongConfig(item, catalog) is { } wrong)
        {
            return new Fail("WrongConfig: " + wrong, BackOff: false);
        }

        if (state.NextAttempt > now && (events.Count == 0 || state.Denied))
        {
            return events.Count > 0 || task is null || due > task.Due ? new Postpone() : new Nothing();
        }

        return item.Reference.Type != ReferenceType.Commit ? new Ask()
            : state.Commit is null || FiresAnyway(read) ? new Fire(item.Reference.Name)
            : Unchanged(read, state.Dialect, []);
    }

    /// <summary>
    /// True where the source is looked at without an event: a schedule trigger's, and a webhook trigger's where a provider is known to tell of pushes, or is told to. One that only its
    /// trigger's own URL fires never is.
    /// </summary>
    public static bool IsLookedAtByItself(ReadItem read, Catalog catalog) => read.Item.Spec is not WebhookTriggerSpec webhook || read.Task is not null
        || (webhook.Sources.OnChangeOnly && (read.State.Pushed || catalog.Find(read.Item.SourceName)?.Spec is GitRepoSpec { ManageWebhook: true }));

    /// <summary>Decides by the commit that the reference has. Whether watched files changed is asked by the caller, where this answers <see cref="Fire"/> for a change.</summary>
    public static Decision AfterAsking(ReadItem read, GitAnswer<GitRefs> answer, DateTimeOffset now, CheckSettings settings)
    {
        var (item, state, _, events) = read;
        if (answer.Failure is { } failure)
        {
            return new Fail(failure.Message, BackOff: true, failure.Kind is GitFailureKind.Unauthorized or GitFailureKind.Forbidden);
        }

        var refs = answer.Value!;
        if (!refs.Commits.TryGetValue(item.Reference.FullName!, out var commit))
        {
            return new Fail($"{item.SourceName}: there is no {item.Reference}", BackOff: true);
        }

        // Announced is neither what is shown nor what was seen before: a replica that has not heard of it yet may show an older commit, known or not.
        bool IsLookedFor(OwedTask e) => !e.Force && e.Announced is { } announced
            && announced != commit && announced != state.Commit && announced != state.Previous && now - e.CreatedAt < settings.LookFor;
        var waiting = Some(events.Where(IsLookedFor));
        var runs = events.Any(e => item.Runs(e) && !IsLookedFor(e));

        // Only a second look tells a push back from a replica that lags: neither an event's age nor what it announced does, for it may come late itself.
        // And what is neither may be one that was skipped, or seen and not fired, and is older still.
        var doubted = commit == state.Previous || settings.Confirm < settings.LagsFor ? settings.Confirm : settings.LagsFor;
        var mayLag = state.Commit is not null && commit != state.Commit && now - state.ChangedAt < doubted && item.Confirm != Look(state, commit);
        if (!item.Spec.Sources.OnChangeOnly)
        {
            return runs || read.DueBy(now) is not null ? new Fire(commit, Moves: !mayLag) { Waiting = waiting }
                : waiting.Length > 0 ? new LookAgain { Waiting = waiting } : new Nothing();
        }

        if (commit == state.Commit)
        {
            return runs ? new Fire(commit) { Waiting = waiting } : Unchanged(read, refs.Dialect, waiting);
        }

        if (mayLag)
        {
            return runs ? new Fire(commit, Moves: false) { Waiting = Some(events.Where(e => !e.Force)) } : new Confirm(commit) { Waiting = events };
        }

        return new Fire(commit) { Waiting = waiting };
    }

    /// <summary>What a first look has seen, as a message tells the second one: that is none where the commit on record has changed since.</summary>
    public static string Look(SourceState state, string commit) => $"{state.Commit}..{commit}";

    /// <summary>True where it does not matter what has changed: a trigger that fires at every run, or a manual run.</summary>
    public static bool FiresAnyway(ReadItem read) => !read.Item.Spec.Sources.OnChangeOnly || read.Events.Any(e => e.Force);

    private static Decision Unchanged(ReadItem read, GitDialect? dialect, OwedTask[] waiting) =>
        waiting.Length < read.Events.Count || read.State.Owed || read.State.Error is not null || (read.State.Dialect ?? new()) != (dialect ?? new())
            ? new Settle { Waiting = waiting }
            : waiting.Length > 0 ? new LookAgain { Waiting = waiting } : new Nothing();

    // The same empty list each time: decisions are compared.
    private static OwedTask[] Some(IEnumerable<OwedTask> tasks) => tasks.ToArray() is { Length: > 0 } some ? some : [];

    /// <summary>What is missing or cannot be used; null where nothing is.</summary>
    public static string? WrongConfig(CheckItem item, Catalog catalog)
    {
        var names = new List<ResourceName> { item.SourceName };
        var action = Catalog.ActionName(item.Spec.Action, item.Trigger.Name.Namespace!);
        names.Add(action);
        if (catalog.Find(action)?.Spec is ActionSpec { Override: { } other })
        {
            names.Add(Catalog.SourceName(other.Kind, item.Trigger.Name.Namespace!, other.Name));
        }

        return names.Select(n => catalog.Find(n) switch
        {
            null => $"{n} does not exist",
            { Spec: null, Error: var error } => $"{n} cannot be used: {error}",
            _ => null,
        }).FirstOrDefault(e => e is not null);
    }
}

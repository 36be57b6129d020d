using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Triggers;

/// <summary>What a check decides. The decisions are pure; <see cref="Answering"/> writes them.</summary>
internal abstract record Decision
{
    /// <summary>Nothing is to be written: unchanged, or answered already.</summary>
    public sealed record Nothing : Decision;

    /// <summary>Git has to be asked.</summary>
    public sealed record Ask : Decision;

    /// <summary>Answered without a job: the task and the error go.</summary>
    /// <param name="Outcome">Of an event.</param>
    public sealed record Settle(string Outcome = Delivery.Unchanged) : Decision;

    /// <summary>The commit that an event announced is not there yet (a lagging replica): its task stays, and a later message looks again.</summary>
    public sealed record LookAgain : Decision;

    /// <summary>Answered without a job; the commit on record moves on.</summary>
    public sealed record MoveOn(string Commit, string? FileHash) : Decision;

    /// <summary>A job.</summary>
    public sealed record Fire(string Commit, string? FileHash) : Decision;

    /// <summary>The commit before the last is back, soon after the change: a second look decides.</summary>
    public sealed record Confirm(string Commit) : Decision;

    /// <summary>No answer: the check is owed.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="BackOff">True where the remote failed; false where the configuration is wrong.</param>
    /// <param name="Denied">True where credentials were refused.</param>
    public sealed record Fail(string Error, bool BackOff, bool Denied = false) : Decision;

    /// <summary>The source backs off: the check is owed, without asking.</summary>
    public sealed record Postpone : Decision;

    /// <summary>Decides what can be decided before git is asked.</summary>
    public static Decision BeforeAsking(ReadItem read, Catalog catalog, DateTimeOffset now)
    {
        var (item, state, task, owed) = read;
        if (item.TaskKey is not null && (item.IsEvent ? owed : task) is null)
        {
            return new Nothing();
        }

        if (item.Due > now + CheckSettings.ClockTolerance)
        {
            return new Nothing();
        }

        if (item.Spec.Suspend && owed?.Force != true)
        {
            return owed is not null || state.Owed ? new Settle(Delivery.Suspended) : new Nothing();
        }

        if (!item.Spec.Sources.OnChangeOnly && task is null && owed is null && read.Due <= state.Due)
        {
            return new Nothing();
        }

        if (WrongConfig(item, catalog) is { } wrong)
        {
            return new Fail("WrongConfig: " + wrong, BackOff: false);
        }

        if (state.NextAttempt > now && (owed is null || state.Denied))
        {
            return owed is not null || task is null || item.Due > task.Due ? new Postpone() : new Nothing();
        }

        return item.Reference.Type != ReferenceType.Commit ? new Ask()
            : state.Commit is null || FiresAnyway(read) ? new Fire(item.Reference.Name, null)
            : Unchanged(read, state.Dialect);
    }

    /// <summary>Decides by the commit that the reference has. Whether watched files changed is asked by the caller, where this answers <see cref="Fire"/> for a change.</summary>
    public static Decision AfterAsking(ReadItem read, GitAnswer<GitRefs> answer, DateTimeOffset now, CheckSettings settings)
    {
        var (item, state, _, owed) = read;
        if (answer.Failure is { } failure)
        {
            return new Fail(failure.Message, BackOff: true, failure.Kind is GitFailureKind.Unauthorized or GitFailureKind.Forbidden);
        }

        var refs = answer.Value!;
        if (!refs.Commits.TryGetValue(item.Reference.FullName!, out var commit))
        {
            return new Fail($"{item.SourceName}: there is no {item.Reference}", BackOff: true);
        }

        if (FiresAnyway(read) || state.Commit is null)
        {
            return new Fire(commit, null);
        }

        if (commit == state.Commit)
        {
            return owed?.Announced is { } announced && announced != commit && announced != state.Previous && now - owed.CreatedAt < settings.LookFor
                ? new LookAgain()
                : Unchanged(read, refs.Dialect);
        }

        // An event's second look is known by its age, a schedule's by what its message says.
        var first = owed is null ? item.Confirm != commit : owed.Announced != commit && now - owed.CreatedAt < settings.ConfirmAfter;
        return first && commit == state.Previous && now - state.ChangedAt < settings.Confirm
            ? new Confirm(commit)
            : new Fire(commit, null);
    }

    /// <summary>True where it does not matter what has changed: a trigger that fires at every run, or a manual run.</summary>
    public static bool FiresAnyway(ReadItem read) => !read.Item.Spec.Sources.OnChangeOnly || read.Event?.Force == true;

    private static Decision Unchanged(ReadItem read, GitDialect? dialect) =>
        read.Event is not null || read.State.Owed || read.State.Error is not null || (read.State.Dialect ?? new()) != (dialect ?? new()) ? new Settle() : new Nothing();

    private static string? WrongConfig(CheckItem item, Catalog catalog)
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

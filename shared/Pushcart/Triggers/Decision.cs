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
    public sealed record Settle : Decision;

    /// <summary>Answered without a job; the commit on record moves on.</summary>
    public sealed record MoveOn(string Commit, string? FileHash) : Decision;

    /// <summary>A job.</summary>
    public sealed record Fire(string Commit, string? FileHash) : Decision;

    /// <summary>The commit before the last is back, soon after the change: a second look decides.</summary>
    public sealed record Confirm(string Commit) : Decision;

    /// <summary>No answer: the check is owed.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="BackOff">True where the remote failed; false where the configuration is wrong.</param>
    public sealed record Fail(string Error, bool BackOff) : Decision;

    /// <summary>The source backs off: the check is owed, without asking.</summary>
    public sealed record Postpone : Decision;

    /// <summary>Decides what can be decided before git is asked.</summary>
    public static Decision BeforeAsking(ReadItem read, Catalog catalog, DateTimeOffset now)
    {
        var (item, state, task) = read;
        if (item.TaskKey is not null && task is null)
        {
            return new Nothing();
        }

        if (item.Due > now + CheckSettings.ClockTolerance)
        {
            return new Nothing();
        }

        if (item.Spec.Suspend)
        {
            return state.Owed ? new Settle() : new Nothing();
        }

        if (!item.Spec.Sources.OnChangeOnly && task is null && read.Due <= state.Due)
        {
            return new Nothing();
        }

        if (WrongConfig(item, catalog) is { } wrong)
        {
            return new Fail("WrongConfig: " + wrong, BackOff: false);
        }

        if (state.NextAttempt > now)
        {
            return task is null || item.Due > task.Due ? new Postpone() : new Nothing();
        }

        return item.Reference.Type != ReferenceType.Commit ? new Ask()
            : state.Commit is null || !item.Spec.Sources.OnChangeOnly ? new Fire(item.Reference.Name, null)
            : Unchanged(state, state.Dialect);
    }

    /// <summary>Decides by the commit that the reference has. Whether watched files changed is asked by the caller, where this answers <see cref="Fire"/> for a change.</summary>
    public static Decision AfterAsking(ReadItem read, GitAnswer<GitRefs> answer, DateTimeOffset now, CheckSettings settings)
    {
        var (item, state, _) = read;
        if (answer.Failure is { } failure)
        {
            return new Fail(failure.Message, BackOff: true);
        }

        var refs = answer.Value!;
        if (!refs.Commits.TryGetValue(item.Reference.FullName!, out var commit))
        {
            return new Fail($"{item.SourceName}: there is no {item.Reference}", BackOff: true);
        }

        if (!item.Spec.Sources.OnChangeOnly || state.Commit is null)
        {
            return new Fire(commit, null);
        }

        if (commit == state.Commit)
        {
            return Unchanged(state, refs.Dialect);
        }

        return commit == state.Previous && now - state.ChangedAt < settings.Confirm && item.Confirm != commit
            ? new Confirm(commit)
            : new Fire(commit, null);
    }

    private static Decision Unchanged(SourceState state, GitDialect? dialect) =>
        state.Owed || state.Error is not null || (state.Dialect ?? new()) != (dialect ?? new()) ? new Settle() : new Nothing();

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

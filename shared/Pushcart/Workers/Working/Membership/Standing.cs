using Microsoft.Extensions.Logging;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Runs;

namespace Pushcart.Workers.Working.Membership;

/// <summary>
/// How the worker stands with the server, kept up by check-ins: paused, or a member, who may claim. A failure of the link alone changes nothing: what runs goes on, and the next answer
/// tells. A refusal pauses it.
/// </summary>
public sealed class Standing(
    WorkerSettings settings, string instance, string executor, ICredentials credentials, ServerLink link, HeldJobs held, Chance chance, ILogger<Standing> log)
{
    // How soon a new token in a file is seen by a paused worker: it asks nobody for that.
    private static readonly TimeSpan s_pausedLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(100);
    private const int MostErrorCharacters = 1000;

    private readonly BackOff _backOff = new(TimeSpan.FromSeconds(1), settings.LinkBackOff < settings.CheckInInterval ? settings.LinkBackOff : settings.CheckInInterval, chance);
    private readonly WorkerAbout _about = new(settings.Version, executor, settings.Cluster, settings.MaxParallelJobs, settings.CheckInInterval, settings.Labels);
    private string? _told;

    /// <summary>Drawn at the start of this process: the first part of its claims' keys, which the server tells it by from the process before.</summary>
    public string Process { get; } = chance.NewId();

    /// <summary>True where it may claim: its last check-in was answered.</summary>
    public bool IsMember { get; private set; }

    /// <summary>Why it is paused, for a person; null while it is not.</summary>
    public string? Paused { get; private set; } = "not registered yet";

    /// <summary>True while an admin drains it, or it is ending: nothing new is taken.</summary>
    public bool Drain { get; set; }

    /// <summary>True once it is ending.</summary>
    public bool Ending { get; set; }

    /// <summary>What is wrong here, told at the next check-in; null: nothing.</summary>
    public string? Error { get; set; }

    /// <summary>Why it cannot go on at all; null while it can.</summary>
    public string? Wrong { get; private set; }

    /// <summary>What the server has said; null before its first answer.</summary>
    public Terms? Terms { get; private set; }

    /// <summary>How many jobs it may have at once.</summary>
    public int MaxParallelJobs => settings.MaxParallelJobs;

    /// <summary>One of <see cref="WorkerStates"/>.</summary>
    public string State => !IsMember ? WorkerStates.Unregistered
        : Error is not null ? WorkerStates.Error
        : Drain || Ending ? WorkerStates.Draining
        : held.Count == 0 ? WorkerStates.Idle
        : held.Count < settings.MaxParallelJobs ? WorkerStates.Available
        : WorkerStates.Busy;

    /// <summary>Checks in once, with all that goes before it.</summary>
    /// <returns>How long to wait before the next one.</returns>
    public async Task<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        var prepared = await credentials.PrepareAsync(_about, cancellation).ConfigureAwait(false);
        Terms = prepared.Terms ?? Terms;
        if (prepared.Paused is { } paused)
        {
            return Pause(paused, prepared.Wrong, prepared.LinkFailed ? _backOff.Next() : s_pausedLook);
        }

        var next = await credentials.NextAsync(cancellation).ConfigureAwait(false);
        var error = Error is null ? null : string.Concat(Error.Where(c => !char.IsControl(c)).Take(MostErrorCharacters));
        var request = new CheckInRequest(settings.Name, instance, _about, IsMember ? State : WorkerStates.Idle, held.Attempts, error, next, Process);
        var answer = await link.CheckInAsync(credentials, request, cancellation).ConfigureAwait(false);
        if (answer.Value is { } value)
        {
            return Join(value, next) ? s_soon : settings.CheckInInterval;
        }

        if (answer.Refusal is { } refusal)
        {
            // Another token, or the key, may do at once what this one did not.
            return Pause(Why(refusal), refusal.Status == 400 && Terms is null, refusal.Status == 401 ? s_soon : settings.CheckInInterval);
        }

        var wait = _backOff.Next(answer.RetryAfter);
        log.LogWarning("the check-in was not answered, what runs goes on; again in {Wait:0.#} s: {Failure}", wait.TotalSeconds, answer.Failure);
        return wait;
    }

    private bool Join(CheckInAnswer answer, string? next)
    {
        _backOff.Reset();
        var again = credentials.Accepted(next is not null && answer.NextTokenAccepted);
        Terms = new(answer.LeaseDuration, answer.RenewEvery, answer.Installation);
        (Paused, _told) = (null, null);
        if (!IsMember)
        {
            IsMember = true;
            log.LogInformation("checked in as {Worker}; installation {Installation}", settings.Name, answer.Installation);
        }

        SetDrain(answer.Drain);
        if (answer.Verdicts is { Count: > 0 } verdicts)
        {
            held.Judge(verdicts);
        }

        return again;
    }

    /// <summary>An answer told whether the worker is drained.</summary>
    public void SetDrain(bool drain)
    {
        if (drain != Drain)
        {
            log.LogInformation("{What}", drain ? "drained by an admin: takes nothing new; what runs goes on" : "no longer drained");
            Drain = drain;
        }
    }

    private TimeSpan Pause(string why, bool wrong, TimeSpan wait)
    {
        (IsMember, Paused) = (false, why);
        Wrong = wrong ? why : null;
        if (_told != why)
        {
            _told = why;
            log.LogWarning("paused: {Why}", why);
        }

        return wait;
    }

    private string Why(LinkRefusal refusal) => refusal.Reason == ConflictReasons.InUse
        ? $"another live process has the name {settings.Name}: {refusal.Message}"
        : refusal.ToString();
}

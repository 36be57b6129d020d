using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>
/// Takes the signs of life of workers. One write each, on the version that this instance knows: where another has written since, the row is read and all is decided again.
/// A next token is good with that write, and the one before stays good to its own end: no lost answer shuts a worker out.
/// </summary>
public sealed class CheckingIn(
    WorkerStore workers, WorkerTokens tokens, Admission admission, Installation installation, WorkerSettings settings, JobSettings jobs, TimeProvider time, ILogger<CheckingIn> log)
{
    private const int Tries = 5;

    // So many tokens of one worker are good at once, at most.
    private const int MostTokens = 40;

    /// <summary>How often a started job is to be renewed: three times in a lease.</summary>
    public static TimeSpan RenewEvery(JobSettings jobs) => jobs.Lease / 3;

    /// <summary>Checks a worker in.</summary>
    public async Task<Answer<CheckInAnswer>> CheckInAsync(CheckInRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.CheckIn(request) ?? (caller.Bound is null ? null : WireRules.Interval(request.About.CheckInInterval, settings.TokenLife))
            ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false)) is { } refusal)
        {
            return refusal;
        }

        for (var n = 0; n < Tries; n++)
        {
            // Whatever is kept will do: the write tells whether it is old.
            var before = await workers.FindAsync(request.Worker, n == 0 ? TimeSpan.MaxValue : TimeSpan.Zero, cancellation).ConfigureAwait(false);
            var now = time.GetUtcNow();
            if (n == 0 && IsRefused(before, request, caller, now))
            {
                continue;
            }

            if (caller.Bound is not null && before?.RegisteredAt is null)
            {
                return Admission.Gone(request.Worker);
            }

            if (before is not null && before.Instance != request.Instance && before.IsLive(now))
            {
                return Admission.InUse(before);
            }

            var (token, accepted) = NextToken(request, caller, before, now);
            var next = (before ?? new() { Name = request.Worker }).With(request.Instance, request.About, now) with
            {
                Process = request.Process,
                State = request.State,
                Error = request.Error,
                TokenHash = token is null ? before?.TokenHash : request.NextTokenHash,
                TokenAt = token is null ? before?.TokenAt : now,
                Namespaces = caller.Namespaces.IsAll ? null : string.Join(',', caller.Namespaces.Names),
            };
            var (answer, written) = await workers.WriteAsync(next, token is null ? [] : [Change.Insert(token)], cancellation).ConfigureAwait(false);
            if (written is null)
            {
                // Its own write whose answer was lost; or a token that was told before another one, and is good or has been.
                if (answer.ConflictAt == 1 && token is not null)
                {
                    request = request with { NextTokenHash = null };
                }

                continue;
            }

            if (token is not null)
            {
                tokens.Forget(request.NextTokenHash);
                tokens.Keep(token);
            }

            if (before is null || before.Instance != request.Instance)
            {
                log.LogInformation("worker {Worker} checks in: {Executor} in {Cluster}, {Slots} jobs at once", next.Name, next.Executor, next.Cluster, next.MaxParallelJobs);
            }

            return new CheckInAnswer(next.Drain, settings.TokenLife, accepted, jobs.Lease, RenewEvery(jobs), await installation.IdAsync(cancellation).ConfigureAwait(false));
        }

        return Registering.Changing;
    }

    // What is kept may be too old to refuse anybody.
    private static bool IsRefused(WorkerRecord? before, CheckInRequest request, Caller caller, DateTimeOffset now) =>
        (caller.Bound is not null && before?.RegisteredAt is null) || (before is not null && before.Instance != request.Instance && before.IsLive(now));

    private (Azure.Data.Tables.TableEntity? Row, bool Accepted) NextToken(CheckInRequest request, Caller caller, WorkerRecord? before, DateTimeOffset now)
    {
        if (caller.Bound is null || request.NextTokenHash is not { } hash)
        {
            return (null, false);
        }

        if (before!.TokenHash == hash || caller.Bound.Hash == hash)
        {
            return (null, true);
        }

        // Of one that checks in all the time not each token is taken.
        return now < before.TokenAt + (settings.TokenLife / MostTokens)
            ? (null, false)
            : (WorkerTokens.New(hash, request.Worker, registers: false, now + settings.TokenLife), true);
    }
}

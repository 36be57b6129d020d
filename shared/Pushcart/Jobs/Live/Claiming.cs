using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;

namespace Pushcart.Jobs.Live;

/// <summary>
/// The built-in worker: claims a job that a message names, with its slot, in one transaction; then creates its run, once.
/// <list type="number">
/// <item>Read the message; take the row from it, or read it.</item>
/// <item>A job of a group reads its group once.</item>
/// <item>Claim, with a slot: first the one that the id hashes to, then a free one. None: the message ends, and a freed slot wakes the job.</item>
/// <item>Create the run, within the time that a claim allows, or not at all.</item>
/// <item>Tell the table what create answered; where that freed a slot, wake the oldest job that can start.</item>
/// </list>
/// </summary>
public sealed class Claiming(
    JobStore jobs, ResourceStore resources, RunSpecs specs, IExecutor executor, JobHints hints, JobSettings settings, TimeProvider time, Chance chance, ILogger<Claiming> log)
{
    /// <summary>Name of the built-in worker.</summary>
    public const string Worker = "builtin";

    private static readonly TimeSpan NewerVersionDelay = TimeSpan.FromMinutes(1);

    /// <summary>Handles one message of the queue <c>jobs</c>.</summary>
    /// <exception cref="InvalidDataException">The message cannot be read.</exception>
    public async Task HandleAsync(string message, CancellationToken cancellation)
    {
        // 1. The message.
        var (version, id, job) = JobMessage.Read(message);
        if (version > Rows.Version)
        {
            await LaterAsync(message, id, cancellation).ConfigureAwait(false);
            return;
        }

        try
        {
            job ??= await jobs.FindAsync(id, cancellation).ConfigureAwait(false);
            if (job is null || job.State != JobState.Queued || job.IsRouted || job.NotBefore > time.GetUtcNow())
            {
                log.LogDebug("job {Id}: its message found nothing to claim", id);
                return;
            }

            using var span = Traces.Begin("claim", job.TraceParent, ActivityKind.Consumer);
            span?.SetTag("pushcart.job", job.Id);
            if (await ClaimAsync(job, cancellation).ConfigureAwait(false) is { } claimed)
            {
                await CreateAsync(claimed, cancellation).ConfigureAwait(false);
            }
        }
        catch (NewerRowException)
        {
            await LaterAsync(message, id, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends the oldest job that can start now, if there is one, and tells claims that wait of those that ask for a registered worker: who frees a slot does this.</summary>
    public async Task WakeAsync(CancellationToken cancellation)
    {
        var all = await jobs.AllAsync("state ne 'Ended'", cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        hints.Tell(Startable.Ready(all, now));
        if (Startable.Among(all, await MostAsync(cancellation).ConfigureAwait(false), now) is [var oldest, ..])
        {
            await hints.SendAsync(oldest, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Job?> ClaimAsync(Job job, CancellationToken cancellation)
    {
        // 2. The group.
        List<Job> group = [];
        int? groupSlot = null;
        if (job.Group is { } name)
        {
            group = await jobs.GroupAsync(job.Namespace, name, cancellation).ConfigureAwait(false);
            if (!Startable.HasRoom(job, group) || Startable.IsBehind(job, group))
            {
                return null;
            }

            groupSlot = Enumerable.Range(0, job.GroupLimit).First(n => !group.Any(j => j.GroupSlot == n));
        }

        // 3. The claim.
        var key = chance.NewId();
        var most = await MostAsync(cancellation).ConfigureAwait(false);
        int? slot = (int)(StableHash(job.Id) % (uint)most);
        for (var tries = 0; slot is { } number && tries <= most; tries++)
        {
            var claim = new Claim(time.GetUtcNow(), key, Worker, executor.Name, number, groupSlot);
            var (result, now) = await jobs.ApplyAsync(job, claim, null, cancellation).ConfigureAwait(false);
            switch (result)
            {
                case Applied.Changed:
                    await WakeGroupAsync(now!, group, cancellation).ConfigureAwait(false);
                    return now!.Snapshots is null ? now with { Snapshots = (await jobs.FindAsync(now.Id, cancellation).ConfigureAwait(false))?.Snapshots } : now;
                case Applied.SlotTaken:
                    var taken = await jobs.SlotsAsync(cancellation).ConfigureAwait(false);
                    if (job.Group is { } g && groupSlot is { } held && taken.ContainsKey(Slot.KeyOf(Slot.Group(job.Namespace, g), held)))
                    {
                        return null;
                    }

                    slot = Slot.Free(Worker, most, taken.Keys);
                    job = now!;
                    break;
                default:
                    return null;
            }
        }

        log.LogDebug("job {Id} waits for a slot", job.Id);
        return null;
    }

    private async Task CreateAsync(Job job, CancellationToken cancellation)
    {
        // 4. The run.
        var (spec, error) = await specs.BuildAsync(job, cancellation).ConfigureAwait(false);
        var answer = spec is null ? new CreateAnswer(CreateResult.Refused, error)
            : time.GetUtcNow() > spec.CreateBefore ? new CreateAnswer(CreateResult.Unknown, "the claim came too late for a create")
            : await executor.CreateWithinAsync(spec, settings.CreateTimeout, time, cancellation).ConfigureAwait(false);

        // 5. What follows.
        var now = time.GetUtcNow();
        var message = answer.Message ?? answer.Result.ToString();
        JobEvent? happened = answer.Result switch
        {
            CreateResult.Refused => new CreateRefused(now, job.Attempt, message),
            CreateResult.Busy => new CreateBusy(now, job.Attempt, message),
            CreateResult.Unknown => new CreateUnknown(now, job.Attempt, message),
            _ => null,
        };
        if (happened is null)
        {
            log.LogInformation("job {Id} started: {Run} on {Executor}", job.Id, RunNames.Of(job).Name, executor.Name);
            return;
        }

        log.LogWarning("job {Id}: the create of {Run} was answered {Result}: {Message}", job.Id, RunNames.Of(job).Name, answer.Result, message);
        var applied = await jobs.ApplyAsync(job, happened, null, cancellation).ConfigureAwait(false);
        if (applied is { Result: Applied.Changed, Job.IsActive: false })
        {
            await WakeAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends the next job of a group with room for several: it was dropped while it was behind the one that is claimed.</summary>
    internal async Task WakeGroupAsync(Job claimed, List<Job> group, CancellationToken cancellation)
    {
        var next = group.FirstOrDefault(j => j.State == JobState.Queued && j.Id != claimed.Id && j.NotBefore <= time.GetUtcNow());
        if (next is not null && group.Count(j => j.IsActive) + 1 < claimed.GroupLimit)
        {
            await hints.SendAsync(next, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<int> MostAsync(CancellationToken cancellation) =>
        (await resources.CurrentAsync(0, cancellation).ConfigureAwait(false)).Settings.MaxRunningJobs;

    private Task LaterAsync(string message, string id, CancellationToken cancellation)
    {
        log.LogWarning("job {Id} is of a later version; its message is sent again in a minute", id);
        return hints.LaterAsync(message, NewerVersionDelay, cancellation);
    }

    private static uint StableHash(string id) => id.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
}

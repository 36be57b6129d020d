using System.Text.Json.Serialization;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Steering;

/// <summary>A job that is asked for, without a check.</summary>
/// <param name="Id">The same for each time that it is asked for: a hash of the idempotency key, or drawn; 1 to 100 letters, digits and dashes.</param>
/// <param name="BodyHash">Hash of all else that was asked for: one id with two of them is two requests.</param>
/// <param name="Namespace">Where it runs.</param>
/// <param name="Action">Name of the action.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Reference">The reference.</param>
/// <param name="Commit">The commit; null: the one that the reference has now.</param>
/// <param name="Cause">For people: who, and what.</param>
/// <param name="RerunOf">The job that it runs again, or null.</param>
/// <param name="Variables">Variables of its own, in JSON; null: none, or those of the job that it runs again.</param>
public sealed record JobRequest(
    string Id,
    string BodyHash,
    string Namespace,
    ResourceName Action,
    ResourceName Source,
    GitReference Reference,
    string? Commit,
    string Cause,
    Job? RerunOf = null,
    string? Variables = null)
{
    /// <summary>Asks for a job once more: its commit, and its action as it is now.</summary>
    /// <param name="id">As <see cref="Id"/>.</param>
    /// <param name="bodyHash">As <see cref="BodyHash"/>.</param>
    /// <param name="job">The job, live or finished.</param>
    /// <param name="by">Who asks.</param>
    public static JobRequest Rerun(string id, string bodyHash, Job job, string by) => new(
        id,
        bodyHash,
        job.Namespace,
        Catalog.ActionName(new(job.ActionKind, job.ActionName), job.Namespace),
        Catalog.SourceName(job.SourceKind, job.Namespace, job.SourceName),
        new(job.ReferenceType, job.ReferenceName),
        job.Commit,
        $"re-run of {job.Id} by {by}",
        job);
}

/// <summary>A job that was asked for.</summary>
/// <param name="Id">Its id.</param>
public sealed record RequestedJob(string Id)
{
    /// <summary>True where it exists from now on; false where it was asked for before, in the same words: it is the job of the first time, whatever has become of it.</summary>
    [JsonIgnore]
    public bool IsNew { get; init; }
}

/// <summary>
/// Makes jobs without a check: line 2 of the table of states. One transaction inserts the job and the delivery that names it, so that a request which is sent again, by
/// a client that heard no answer, makes no second one. The message is a hint.
/// <list type="number">
/// <item>A request that was answered before has that answer, whatever has changed since.</item>
/// <item>The action and the sources are read as they are now.</item>
/// <item>A reference is resolved at once, while the one who asks is waiting.</item>
/// <item>The transaction; then the message.</item>
/// </list>
/// </summary>
public sealed class Requesting(
    LiveSources live,
    ResourceStore resources,
    SourceEndpoints endpoints,
    GitClient git,
    Submission submission,
    JobHints hints,
    TimeProvider time,
    ILogger<Requesting> log)
{
    /// <summary>Refuses another request under an id that was used. Nothing is written.</summary>
    public static Refusal OtherRequest { get; } = new(RefusalCodes.OtherRequest, "this Idempotency-Key was used for another request; draw a new one");

    /// <summary>Answers a request. Nothing is written for one that is refused: something else was asked for under its id, what it needs is gone or cannot be used, or git did not tell the commit.</summary>
    /// <exception cref="ArgumentException">The id has not the form of one.</exception>
    public async Task<Answer<RequestedJob>> RequestAsync(JobRequest what, CancellationToken cancellation)
    {
        if (what.Id.Length is 0 or > 100 || !what.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new ArgumentException("a request has an id of letters, digits and dashes", nameof(what));
        }

        // 1. Before.
        if (await live.FindDeliveryAsync(what.Id, cancellation).ConfigureAwait(false) is { } before)
        {
            return AnswerOf(before, what);
        }

        // 2. What it needs.
        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        var names = new List<ResourceName> { what.Action, what.Source };
        var instead = (catalog.Find(what.Action)?.Spec as ActionSpec)?.Override;
        if (instead is not null)
        {
            names.Add(Catalog.SourceName(instead.Kind, what.Namespace, instead.Name));
        }

        foreach (var name in names)
        {
            if (catalog.Find(name) is not { Spec: not null })
            {
                return new Refusal(
                    name == what.Action ? RefusalCodes.ActionMissing : RefusalCodes.SourceMissing, catalog.Find(name) is { Error: var error } ? $"{name} cannot be used: {error}" : $"{name} does not exist");
            }
        }

        // 3. Its commits.
        var source = catalog.Find(what.Source)!;
        var (commit, failure) = what.Commit is { } known ? (known, null) : await ReferenceCommit.FindAsync(endpoints, git, what.Namespace, source, what.Reference, cancellation).ConfigureAwait(false);
        (Resource, string)? cloned = null;
        if (commit is not null && instead is not null)
        {
            var other = catalog.Find(names[^1])!;
            (var otherCommit, failure) = await ReferenceCommit.FindAsync(endpoints, git, what.Namespace, other, instead.Reference, cancellation).ConfigureAwait(false);
            cloned = otherCommit is null ? null : (other, otherCommit);
        }

        if (failure is not null)
        {
            return new Refusal(RefusalCodes.GitUnreachable, failure);
        }

        // 4. The job.
        var now = time.GetUtcNow();
        var job = submission.New(
            new(null, source, catalog.Find(what.Action)!, what.Reference, commit!, what.RerunOf?.PreviousCommit, cloned, what.Cause, what.Namespace, what.RerunOf, what.Variables), catalog.Settings, now);
        var written = await live.WriteAsync([Change.Insert(JobRow.New(job)), Change.Insert(DeliveryOf(what, job, now))], cancellation).ConfigureAwait(false);
        if (!written.Applied)
        {
            // Asked for twice at once; or written by this very call, whose answer was lost.
            var there = await live.FindDeliveryAsync(what.Id, cancellation).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"job {job.Id} cannot be inserted, though nobody asked for it before");
            if (there.GetString("job") != job.Id)
            {
                return AnswerOf(there, what);
            }
        }

        Measures.Submitted(what.Cause);
        log.LogInformation("job {Id} submitted: {Cause}: {Action} at {Commit} of {Source}", job.Id, what.Cause, what.Action, job.Commit, what.Source);
        await SendAsync(written.Applied ? job with { ETag = written.ETags[0] } : job with { Snapshots = null }, cancellation).ConfigureAwait(false);
        return new RequestedJob(job.Id) { IsNew = true };
    }

    private static Answer<RequestedJob> AnswerOf(TableEntity delivery, JobRequest what) =>
        Rows.IsNewer(delivery) ? throw new NewerRowException(delivery)
        : delivery.GetString("body") == what.BodyHash ? new RequestedJob(delivery.GetRequired("job"))
        : OtherRequest;

    // It has no checks, and so no outcomes: it is forgotten so long after the request itself.
    private static TableEntity DeliveryOf(JobRequest what, Job job, DateTimeOffset now)
    {
        var row = Rows.New(JobRow.Partition, Delivery.KeyOf(what.Id));
        row["cause"] = what.Cause;
        row["checks"] = 0;
        row["body"] = what.BodyHash;
        row["job"] = job.Id;
        row["at"] = now;
        return row;
    }

    private async Task SendAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            await hints.SendAsync(job, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or TimeoutException or HttpRequestException)
        {
            // The row is there: Observe sends it.
            log.LogWarning("the message of job {Id} was not sent; it follows within a minute: {Error}", job.Id, e.Message);
        }
    }
}

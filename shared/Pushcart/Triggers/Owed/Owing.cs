using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Steering;

namespace Pushcart.Triggers.Owed;

/// <summary>One check that an event asks for.</summary>
/// <param name="Trigger">Uid of the trigger.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Announced">The commit that the event announced, or null.</param>
/// <param name="Force">True where it fires whatever has changed: a manual run.</param>
/// <param name="Pushed">True where a provider told of a push: from then on the source is looked at by itself too, for a provider's event may be lost.</param>
public sealed record EventCheck(string Trigger, string Source, string? Announced = null, bool Force = false, bool Pushed = false);

/// <summary>Something that happened outside, and the checks that it asks for.</summary>
/// <param name="Id">The same for each delivery of it; 1 to 100 letters, digits and dashes, and none that begins with <c>s-</c>, as schedules' do.</param>
/// <param name="Cause">For people: <c>webhook …</c>, <c>manual …</c>.</param>
/// <param name="Checks">The checks, at most <see cref="Owing.MostChecks"/>.</param>
/// <param name="Body">Hash of what was asked for, where one id with two of them is two requests; else null.</param>
public sealed record CheckEvent(string Id, string Cause, IReadOnlyList<EventCheck> Checks, string? Body = null);

/// <summary>How an event was taken.</summary>
public enum OweAnswer
{
    /// <summary>Its checks are owed from now on.</summary>
    Accepted,

    /// <summary>It was accepted before; nothing is owed anew.</summary>
    Duplicate,
}

/// <summary>
/// Accepts events: one transaction writes the event and owes its checks, so that a crash neither loses it nor blocks its second delivery. The messages are hints.
/// An event with more checks than fit a transaction is owed as one task, which the check expands, step by step.
/// </summary>
public sealed class Owing(LiveSources live, ResourceStore resources, CheckQueue queue, JobSettings settings, TimeProvider time, Chance chance, ILogger<Owing> log)
{
    /// <summary>Checks of one event, at most: what fits a property of its row.</summary>
    public const int MostChecks = 400;

    // Of a property's 64,000 bytes.
    private const int MostBytes = 60_000;

    private const int InOneTransaction = Table.MaximumChanges - 2;
    private const string Whole = "all";

    /// <summary>Parts checks into as many events as they need, each of which one row holds.</summary>
    public static IEnumerable<IReadOnlyList<EventCheck>> Parts(IEnumerable<EventCheck> checks)
    {
        var (part, bytes) = (new List<EventCheck>(), 0);
        foreach (var check in checks)
        {
            var size = JsonSerializer.SerializeToUtf8Bytes(check).Length + 1;
            if (part.Count == MostChecks || (part.Count > 0 && bytes + size > MostBytes))
            {
                yield return part;
                (part, bytes) = ([], 0);
            }

            part.Add(check);
            bytes += size;
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    /// <summary>
    /// Owes the checks of something that happened, however many: each part is an event of its own, and the first one comes last, so that where it is known all of them are.
    /// </summary>
    /// <param name="id">As <see cref="CheckEvent.Id"/>, of the first part.</param>
    /// <param name="cause">As <see cref="CheckEvent.Cause"/>.</param>
    /// <param name="checks">The checks, at least one.</param>
    /// <param name="body">As <see cref="CheckEvent.Body"/>.</param>
    /// <param name="cancellation">Ends the call; what is owed by then stays so.</param>
    /// <returns>The answer of the first part.</returns>
    public async Task<OweAnswer> OweAllAsync(string id, string cause, IEnumerable<EventCheck> checks, string? body, CancellationToken cancellation)
    {
        var answer = OweAnswer.Duplicate;
        foreach (var (n, part) in Parts(checks).Index().Reverse())
        {
            answer = await OweAsync(new(n == 0 ? id : $"{id}-{n}", cause, part, body), cancellation).ConfigureAwait(false);
        }

        return answer;
    }

    /// <summary>Owes the checks of an event.</summary>
    /// <exception cref="ArgumentException">The id has not the form of one, or there are no checks, or too many.</exception>
    public async Task<OweAnswer> OweAsync(CheckEvent what, CancellationToken cancellation)
    {
        if (what.Checks.Count is 0 or > MostChecks || what.Id.Length is 0 or > 100 || what.Id.StartsWith("s-", StringComparison.Ordinal)
            || !what.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new ArgumentException($"an event has 1 to {MostChecks} checks, and an id of letters, digits and dashes", nameof(what));
        }

        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var mark = chance.NewId();
        var first = new OwedTask
        {
            Key = OwedTask.KeyOf(what.Id, Whole),
            TriggerUid = what.Checks[0].Trigger,
            Source = what.Checks[0].Source,
            Action = "",
            Event = what.Id,
            Cause = what.Cause,
            CreatedAt = now,
            SendAt = now + settings.SendAgain,
            TraceParent = Traces.Current,
        };
        IReadOnlyList<OwedTask> tasks = what.Checks.Count <= InOneTransaction
            ? [.. what.Checks.Select((check, n) => TaskOf(first, check, n, catalog))]
            : [first with { Rest = JsonSerializer.Serialize(what.Checks) }];
        var answer = await live.WriteAsync([Change.Insert(Delivery.New(what, mark, now)), .. tasks.Select(t => t.Write())], cancellation).ConfigureAwait(false);
        if (!answer.Applied)
        {
            // Accepted before; or by this very call, whose answer was lost.
            var there = await live.FindDeliveryAsync(what.Id, cancellation).ConfigureAwait(false);
            return there?.GetString("mark") == mark ? await SendAsync(catalog, tasks, cancellation).ConfigureAwait(false) : OweAnswer.Duplicate;
        }

        return await SendAsync(catalog, [.. tasks.Select((task, n) => task with { ETag = answer.ETags[n + 1] })], cancellation).ConfigureAwait(false);
    }

    /// <summary>Turns the next checks of a whole event into tasks of their own, and sends them; the task of the whole goes with the last of them.</summary>
    /// <returns>False where somebody else does it.</returns>
    public async Task<bool> ExpandAsync(OwedTask whole, CancellationToken cancellation)
    {
        var checks = JsonSerializer.Deserialize<List<EventCheck>>(whole.Rest!) ?? [];
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        for (var next = whole.Number; ;)
        {
            var some = checks.Skip(next).Take(InOneTransaction).Select((check, n) => TaskOf(whole, check, next + n, catalog)).ToList();
            next += some.Count;
            var rest = next < checks.Count ? (whole with { Number = next }).Write() : whole.Delete();
            var answer = await live.WriteAsync([.. some.Select(t => t.Write()), rest], cancellation).ConfigureAwait(false);
            if (!answer.Applied)
            {
                return false;
            }

            await SendAsync(catalog, [.. some.Select((task, n) => task with { ETag = answer.ETags[n] })], cancellation).ConfigureAwait(false);
            if (next >= checks.Count)
            {
                return true;
            }

            whole = whole with { Number = next, ETag = answer.ETags[^1] };
        }
    }

    private static OwedTask TaskOf(OwedTask of, EventCheck check, int number, Catalog catalog) => of with
    {
        Key = OwedTask.KeyOf(of.Event!, number.ToString("D5", CultureInfo.InvariantCulture)),
        TriggerUid = check.Trigger,
        Source = check.Source,
        Action = catalog.Find(check.Trigger) is { Spec: TriggerSpec spec } trigger ? Applying.ActionOf(Catalog.ActionName(spec.Action, trigger.Name.Namespace!)) : "",
        Announced = check.Announced,
        Force = check.Force,
        Pushed = check.Pushed,
        Number = number,
        Rest = null,
        ETag = default,
    };

    private async Task<OweAnswer> SendAsync(Catalog catalog, IReadOnlyList<OwedTask> tasks, CancellationToken cancellation)
    {
        try
        {
            await queue.SendTasksAsync(catalog.Generation, tasks, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or TimeoutException or HttpRequestException)
        {
            // They are owed: Observe sends them.
            log.LogWarning("the messages of an event were not sent; its checks follow within a minute: {Error}", e.Message);
        }

        return OweAnswer.Accepted;
    }
}

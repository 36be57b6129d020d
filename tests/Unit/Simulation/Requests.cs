using System.Text;
using System.Text.Json;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// People who ask for jobs without a check: line 2. They run one again, or want one of a commit or branch, and send that until they are answered, now and then twice at a
/// time; and now and then their key is one that was used for something else. And the book of it: one job a key, in the transaction that notes the request.
/// </summary>
internal sealed class Requests(Simulation sim, Dice dice)
{
    private const string By = "somebody";
    private const string Namespace = "default";
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(8);
    private readonly Dictionary<string, (string Job, DateTimeOffset At)> noted = [];
    private readonly List<Asked> asked = [];

    /// <summary>No new ones: what is under way is sent until it is answered.</summary>
    public bool HaveStopped { get; set; }

    /// <param name="Key">The idempotency key.</param>
    /// <param name="Rerun">The job that is to run again; null: an ad-hoc one.</param>
    /// <param name="Body">What an ad-hoc job is to be.</param>
    /// <param name="IsAnother">True where the key stands for another request too: either of them may be refused.</param>
    private sealed record Asked(string Key, string? Rerun, string Body, bool IsAnother)
    {
        public string Id => RequestKey.IdOf(By, Namespace, Rerun is null ? "job" : "rerun", Key, Pushcart.Chance.System).Value!;
    }

    /// <summary>Somebody asks for a job.</summary>
    public void Ask(string remote, string branch, string action)
    {
        if (HaveStopped || sim.IsAway)
        {
            return;
        }

        if (asked.Count > 0 && sim.Faults.World > 0 && dice.Chance(0.1))
        {
            // The other one was answered, perhaps, in the very moment: it stays what it is.
            var other = dice.Of(asked);
            asked[asked.IndexOf(other)] = other with { IsAnother = true };
            Send(other.Rerun is null ? other with { Body = Body("main", action, remote, null), IsAnother = true } : other with { IsAnother = true });
            return;
        }

        var key = $"key {asked.Count}";
        var commit = dice.Chance(0.5) ? sim.Remotes.Branches[(remote, branch)].Heads[^1].Commit : null;
        asked.Add(sim.Ledger.Submitted > 0 && dice.Chance(0.6)
            ? new(key, dice.Of(sim.Ledger.Ids), "", IsAnother: false)
            : new(key, null, Body(branch, action, remote, commit), IsAnother: false));
        Send(asked[^1]);
    }

    /// <summary>A transaction on the live rows that notes a request, or forgets one. False: it does neither.</summary>
    public bool Committed(RowChange change, IReadOnlyList<RowChange> changes)
    {
        var row = (change.Before ?? change.After)!;
        if (row["job"] is not string job)
        {
            return false;
        }

        var id = row.Row[Delivery.Prefix.Length..];
        if (change is { Before: null })
        {
            Check(!noted.ContainsKey(id), $"the request {id} is noted a second time");
            var inserted = changes.Where(c => c is { Before: null, After: { } j } && j.Row.StartsWith(JobRow.Prefix, StringComparison.Ordinal)).Select(c => c.After!.Job).ToList();
            Check(changes.Count == 2 && inserted is [{ TriggerUid: null } one] && one.Id == job, $"the request {id} is noted with {changes.Count - 1} other changes, and names job {job}");
            noted[id] = (job, sim.Clock.Now);
        }
        else
        {
            Check(change.After is null, $"the request {id} is changed");
            Check(sim.Clock.Now - noted[id].At >= sim.CheckSettings.DeliveriesKept - ClocksApart, $"the request {id} is forgotten too early: it came at {noted[id].At:O}");
            noted.Remove(id);
        }

        return true;
    }

    private static string Body(string branch, string action, string remote, string? commit)
    {
        var (act, source) = (new { name = action }, new { name = remote });
        return commit is null
            ? JsonSerializer.Serialize(new { action = act, source, reference = new { branch } })
            : JsonSerializer.Serialize(new { action = act, source, commit });
    }

    private void Send(Asked what)
    {
        if (sim.IsAway || sim.Ready is not { Count: > 0 } ready)
        {
            sim.Clock.After(TimeSpan.FromSeconds(sim.IsAway ? 7200 : 5), () => Send(what));
            return;
        }

        var process = dice.Of(ready);
        var ended = false;
        Answer<RequestedJob> answer = default;
        if (what.Rerun is { } again)
        {
            sim.Budget?.Read(again);
        }

        process.Run($"ask for {what.Key}: {what.Rerun ?? what.Body}", async c =>
        {
            using var body = new MemoryStream(Encoding.UTF8.GetBytes(what.Body));
            answer = what.Rerun is { } job
                ? await process.Steering.RerunAsync(job, what.Key, By, AllowedNamespaces.All, c).ConfigureAwait(false)
                : await process.Steering.SubmitAsync(body, body.Length, what.Key, By, AllowedNamespaces.All, c).ConfigureAwait(false);
        }, failure =>
        {
            ended = true;
            if (failure is not null || IsForLater(answer.Refusal))
            {
                // Once all is repaired, what is not there by now will not come.
                sim.Clock.After(dice.Seconds(2, 20), () => Send(what));
                return;
            }

            Answered(what, answer);
            if (!HaveStopped && sim.Faults.World > 0 && dice.Chance(0.2))
            {
                sim.Clock.After(dice.Seconds(0, 60), () => Send(what));
            }
        });
        if (sim.Faults.World > 0 && dice.Chance(0.15))
        {
            sim.Clock.After(dice.Seconds(0, 0.2), () => Send(what));
        }

        sim.Clock.After(TimeSpan.FromSeconds(50), () =>
        {
            if (!ended && !process.IsAlive)
            {
                Send(what);
            }
        });
    }

    private void Answered(Asked what, Answer<RequestedJob> answer)
    {
        var isAnother = what.IsAnother || asked.Exists(a => a.Key == what.Key && a.IsAnother);
        switch (answer)
        {
            case { Value: { } job }:
                Check(noted.TryGetValue(what.Id, out var first) && first.Job == job.Id, $"{what.Key} was answered with job {job.Id}, but its job is {first.Job ?? "not there"}");
                break;
            case { Refusal: { } refusal } when refusal.Code == RefusalCodes.OtherRequest:
                Check(isAnother, $"{what.Key} was refused as used for another request, but it was not");
                break;
            default:
                Check(sim.WasAway && answer.Refusal?.Code == RefusalCodes.JobNotFound, $"{what.Key} was refused: {answer.Refusal?.Message}");
                break;
        }
    }

    private static bool IsForLater(Refusal? refusal) =>
        refusal?.Code is { } code && (code == RefusalCodes.ActionMissing || code == RefusalCodes.SourceMissing || code == RefusalCodes.GitUnreachable);

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            sim.Clock.Tell("requests", $"VIOLATION: {otherwise}");
            throw new ViolationException(otherwise);
        }
    }
}

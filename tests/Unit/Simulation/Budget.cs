using System.Text;
using System.Text.RegularExpressions;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// Counts the operations on storage of a life without faults, those of the host on messages too, against the budgets of docs/architecture.md, section 8.
/// What names a job or an event is counted for it; what names a source, for the checks; ranges, for passes and ticks.
/// </summary>
internal sealed partial class Budget
{
    // Submit, send, receive, delete, claim, running, ended, history, row deleted; and one read of its source, which is counted for the checks.
    private const int OfJob = 9;

    // Accept, send, receive, delete.
    private const int OfEvent = 4;

    // Whoever meets a conflict reads again, and decides again.
    private const int OfConflict = 4;

    private readonly Dictionary<string, int> spent = [];
    private readonly Dictionary<string, int> conflicts = [];
    private readonly Dictionary<string, int> looks = [];
    private readonly Dictionary<string, int> functions = [];
    private int sourceReads;
    private int sourcesAsked;
    private int ranges;
    private int ticks;
    private int lengths;

    /// <summary>A function runs.</summary>
    public void Runs(string function) => Add(functions, function, 1);

    /// <summary>A provider is told before a job's end: the job's row notes it.</summary>
    public void Told(string job) => Add(looks, "job " + job, 1);

    /// <summary>Somebody reads a job, to run it again.</summary>
    public void Read(string job) => Add(looks, "job " + job, 1);

    /// <summary>The host gives a message to a function, and deletes it.</summary>
    public void Handled(string queue, QueuedMessage handled)
    {
        var text = handled.Text;
        if (queue == "simjobs")
        {
            Add(spent, "job " + MessageId().Match(text).Groups["id"].Value, 2);
            return;
        }

        var message = handled.Checks;
        sourcesAsked += (message.Checks ?? []).Select(c => (c.Trigger, c.Source)).Distinct().Count() + (message.Tasks ?? []).Count;
        foreach (var id in Events(text))
        {
            Add(spent, "event " + id, 2);

            // A second look, at a push back or for a commit that is not there yet: it is sent, received, deleted, and reads the task.
            Add(looks, "event " + id, message.Tasks!.Any(t => t.Row is null) ? 4 : 0);
        }
    }

    /// <summary>A call of storage was answered.</summary>
    public void Called(Call call, Reply reply)
    {
        var path = Uri.UnescapeDataString(call.Uri.PathAndQuery);
        var text = path + "\n" + Uri.UnescapeDataString(Encoding.UTF8.GetString(call.Body));
        if (path.StartsWith("/simticks", StringComparison.Ordinal))
        {
            ticks++;
        }
        else if (path.StartsWith("/simchecks?comp=metadata", StringComparison.Ordinal))
        {
            lengths++;
        }
        else if (call.Method == "GET" && path.StartsWith("/simlive", StringComparison.Ordinal) && path.Contains("$filter", StringComparison.Ordinal))
        {
            ranges++;
        }
        else if (call.Method == "GET" && path.Contains("RowKey='source|", StringComparison.Ordinal))
        {
            sourceReads++;
        }
        else
        {
            var jobs = (path.StartsWith("/simjobs", StringComparison.Ordinal) ? MessageId().Matches(text).Take(1) : JobKey().Matches(text)).Select(m => "job " + m.Groups["id"].Value).Distinct().ToList();
            var named = jobs.Count > 0 ? jobs : [.. Events(text).Select(id => "event " + id)];
            var isConflict = reply.Status is 404 or 409 or 412 || (reply.Status == 202 && Encoding.UTF8.GetString(reply.Body).Contains("HTTP/1.1 4", StringComparison.Ordinal));
            if (isConflict)
            {
                // A job that met one was never submitted: its event decides again.
                named.Concat(Events(text).Select(id => "event " + id)).Distinct().ToList().ForEach(name => Add(conflicts, name, 1));
            }

            foreach (var name in named)
            {
                Add(spent, name, 1);

                // Woken by a slot that became free: a second message, without the row.
                Add(looks, name, path.StartsWith("/simjobs", StringComparison.Ordinal) && !text.Contains("\"row\":", StringComparison.Ordinal) ? 5 : 0);
            }
        }
    }

    /// <summary>All is idle.</summary>
    /// <param name="jobs">The jobs there were; true for one that a newer one superseded, which ends by two writes more.</param>
    /// <param name="unanswered">How many checks of an event ended without a job: a transaction each.</param>
    public void CheckEnd(IEnumerable<(string Id, bool Superseded)> jobs, Func<string, int> unanswered)
    {
        foreach (var (id, superseded) in jobs)
        {
            Check("job " + id, OfJob + looks.GetValueOrDefault("job " + id) + (superseded ? 2 : 0));
        }

        foreach (var name in spent.Keys.Where(k => k.StartsWith("event ", StringComparison.Ordinal)))
        {
            Check(name, OfEvent + looks.GetValueOrDefault(name) + unanswered(name["event ".Length..]));
        }

        var met = conflicts.Values.Sum();
        var passes = functions.GetValueOrDefault("Observe");
        var polls = functions.GetValueOrDefault("Poll");
        CheckSum(sourceReads, sourcesAsked + (OfConflict * met), "reads of sources");
        CheckSum(ticks, (2 * polls) + (3 * passes), "operations on ticks");
        CheckSum(lengths, polls, "questions for the length of the queue");
        CheckSum(ranges, (3 * passes) + (4 * functions.GetValueOrDefault("CleanHistory")) + (12 * functions.GetValueOrDefault("apply")) + functions.GetValueOrDefault("submit") + met, "ranges read");
    }

    private void Check(string name, int budget) =>
        CheckSum(spent.GetValueOrDefault(name), budget + (OfConflict * conflicts.GetValueOrDefault(name)), $"operations of {name} with {conflicts.GetValueOrDefault(name)} conflicts");

    private static void CheckSum(int sum, int budget, string of)
    {
        if (sum > budget)
        {
            throw new ViolationException($"{sum} {of}, where the budget is {budget}");
        }
    }

    private static void Add(Dictionary<string, int> counts, string name, int count) => counts[name] = counts.GetValueOrDefault(name) + count;

    private static IEnumerable<string> Events(string text) => EventKey().Matches(text).Select(m => m.Groups[1].Value).Distinct();

    [GeneratedRegex("(?:task|delivery)\\|((?:push|run)-\\d+)")]
    private static partial Regex EventKey();

    [GeneratedRegex("(?:job\\||RowKey\":\"[^\"|]*)(?<id>[0-9a-z]{20})[\"']")]
    private static partial Regex JobKey();

    [GeneratedRegex("\"id\":\"(?<id>[0-9a-z]{20})\"")]
    private static partial Regex MessageId();
}

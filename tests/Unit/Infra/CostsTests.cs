using System.Globalization;
using System.Text.RegularExpressions;
using Pushcart.Functions;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Unit.Infra;

/// <summary>
/// docs/costs.md, computed: its table follows from the budgets of docs/architecture.md (section 8), which tests of their own count, from the schedules, and from the prices that it lists.
/// A message shows the table as it should be.
/// </summary>
public sealed partial class CostsTests
{
    private const double Hours = 730;
    private const double GigabytesOfInstance = 0.5;
    private static readonly CultureInfo s_us = CultureInfo.InvariantCulture;
    private static readonly string s_page = File.ReadAllText(Path.Combine(ProjectFolder.Path, "docs", "costs.md")).ReplaceLineEndings("\n");
    private static readonly string s_budgets = File.ReadAllText(Path.Combine(ProjectFolder.Path, "docs", "architecture.md"));

    [Fact]
    public void The_table_follows_from_the_budgets_and_the_prices()
    {
        (string Name, int Jobs, int Sources)[] loads =
        [
            ("idle: nothing is watched", 0, 0), ("1,000 jobs, 10 sources", 1_000, 10), ("1,000 jobs, 1,000 sources", 1_000, 1_000),
            ("100,000 jobs, 10 sources", 100_000, 10), ("100,000 jobs, 1,000 sources", 100_000, 1_000),
        ];
        var table = string.Join('\n', loads.Select(load => Row(load.Name, load.Jobs, load.Sources)));

        Assert.True(s_page.Contains(table, StringComparison.Ordinal), $"docs/costs.md should have\n{table}");
    }

    [Fact]
    public void Every_price_says_where_it_comes_from()
    {
        var prices = Price().Matches(s_page);
        Assert.Equal(9, prices.Count);
        Assert.All(prices, p => Assert.NotEqual("", p.Groups["source"].Value.Trim()));
    }

    private static string Row(string name, int jobs, int sources)
    {
        var idle = Budget("idle \\| per 15 s: (\\d+) reads \\(5 every 10 min\\), (\\d+) write; per minute for Poll: (\\d+) reads, (\\d+) write");
        var (webhook, message) = (Budget("\\| (\\d+) from webhook to history")[0], Budget("(\\d+) queue operations for each `checks` message")[0]);
        var minutes = Hours * 60;

        // Schedules: four Observes and a Poll a minute, CleanHistory and Hooks hourly.
        Assert.Equal(("*/15 * * * * *", "0 * * * * *"), (Composition.Defaults["Observe:Schedule"], Composition.Defaults["Poll:Schedule"]));
        var timers = (5 * minutes) + (2 * Hours);
        var checks = Math.Ceiling(sources / (double)CheckSettings.RemotesInMessage) * minutes;
        var (hooks, checksOfJobs, claims) = ((double)jobs, (double)jobs, (double)jobs);

        // A second is the least that is billed; a full message asks 32 remotes, 16 at a time, and takes two.
        var secondsOfCheck = sources >= CheckSettings.RemotesInMessage ? 2 : 1;
        var gigabyteSeconds = GigabytesOfInstance * (timers + (checks * secondsOfCheck) + hooks + checksOfJobs + claims);
        var executions = timers + checks + hooks + checksOfJobs + claims;

        // Of a job's operations, six are those of its two messages.
        var tables = (4 * minutes * (idle[0] + idle[1])) + (Hours * 6) + (minutes * (idle[2] + idle[3])) + (minutes * sources) + (jobs * (webhook - 6.0));
        var queues = (checks * message) + (jobs * 6.0);
        var storage = (tables / 10_000 * Of("tables")) + (queues / 10_000 * Of("queues"));

        var none = OnDemand(executions, gigabyteSeconds) + storage;
        var http = OnDemand(executions - hooks, gigabyteSeconds - (GigabytesOfInstance * hooks)) + Ready(1, hooks, GigabytesOfInstance * hooks) + storage;
        var ofReady = (checks * secondsOfCheck) + hooks + checksOfJobs + claims;
        var fast = OnDemand(timers, GigabytesOfInstance * timers) + Ready(3, checks + hooks + checksOfJobs + claims, GigabytesOfInstance * ofReady)
            + storage + (2 * 2 * minutes / 10_000 * Of("queues"));
        return string.Create(s_us, $"| {name} | {executions:N0} | {gigabyteSeconds:N0} | {tables:N0} | {queues:N0} | ${none:0.00} | ${http:0.00} | ${fast:0.00} |");
    }

    private static double OnDemand(double executions, double gigabyteSeconds) =>
        (Math.Max(0, gigabyteSeconds - Of("free time")) * Of("time")) + (Math.Max(0, executions - Of("free executions")) / 1_000_000 * Of("executions"));

    private static double Ready(int instances, double executions, double gigabyteSeconds) =>
        (instances * GigabytesOfInstance * Hours * 3600 * Of("baseline")) + (gigabyteSeconds * Of("ready time")) + (executions / 1_000_000 * Of("ready executions"));

    private static double Of(string price) =>
        double.Parse(Price().Matches(s_page).Single(p => p.Groups["name"].Value == price).Groups["value"].Value.Replace(",", "", StringComparison.Ordinal), s_us);

    private static int[] Budget(string pattern)
    {
        var found = Regex.Match(s_budgets, pattern);
        Assert.True(found.Success, $"docs/architecture.md, section 8, says no more what this counts with: {pattern}");
        return [.. found.Groups.Values.Skip(1).Select(g => int.Parse(g.Value, s_us))];
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z ]+)` \| [^|]+ \| \$?(?<value>[0-9.,]+) [^|]*\| (?<source>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Price();
}

using System.Globalization;
using Azure.Data.Tables;
using Pushcart.Jobs.Finished;
using Pushcart.Resources;

namespace Pushcart.Jobs.Views;

/// <summary>Which jobs a list shows, as its caller wrote it; null or empty where the caller wants all.</summary>
/// <param name="State">As <see cref="JobView.State"/>.</param>
/// <param name="Trigger"><c>namespace/name</c>, or <c>Kind/namespace/name</c>.</param>
/// <param name="Source"><c>namespace/name</c>, <c>GitRepo/namespace/name</c> or <c>ClusterGitRepo/name</c>.</param>
/// <param name="Commit">A commit, or its first digits, four at least.</param>
/// <param name="Since">Submitted then or later; RFC 3339.</param>
/// <param name="Until">Submitted before; RFC 3339.</param>
public sealed record JobListQuery(string? State, string? Trigger, string? Source, string? Commit, string? Since, string? Until);

/// <summary>Which jobs a list shows: a condition for rows of history, which storage looks at, and the same for live jobs.</summary>
public sealed class JobFilter
{
    // Days of history's keys: what lies outside has no key.
    private static readonly DateTimeOffset s_first = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset s_last = DateTimeOffset.UnixEpoch.AddDays(99_999);

    private static readonly string[] s_times = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly Dictionary<string, object> s_states = Enum.GetValues<JobState>().Where(s => s != JobState.Ended).Cast<Enum>().Concat(Enum.GetValues<JobOutcome>().Cast<Enum>())
        .ToDictionary(word => word.ToString().ToLowerInvariant(), object (word) => word);

    private readonly List<Func<Job, bool>> _conditions = [];
    private readonly List<string> _rows = [];
    private DateTimeOffset _since = s_first;
    private DateTimeOffset _until = s_last;

    private JobFilter()
    {
    }

    /// <summary>False where only live jobs can be meant.</summary>
    public bool MayBeFinished { get; private set; } = true;

    /// <summary>The condition for rows of history (OData).</summary>
    public string Rows => string.Join(
        " and ", [TableClient.CreateQueryFilter($"PartitionKey ge {History.PartitionOf(_until)} and PartitionKey le {History.PartitionOf(_since)}"), .. _rows]);

    /// <summary>True where a live job is meant.</summary>
    public bool Matches(Job job) => _conditions.TrueForAll(condition => condition(job));

    /// <summary>Reads what a caller wrote.</summary>
    /// <param name="query">What the caller wrote.</param>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    public static Answer<JobFilter> Of(JobListQuery query, AllowedNamespaces within)
    {
        var filter = new JobFilter();
        var wrong = filter.OfState(query.State) ?? filter.OfTrigger(query.Trigger) ?? filter.OfSource(query.Source) ?? filter.OfCommit(query.Commit) ?? filter.OfTimes(query.Since, query.Until);
        return wrong is not null ? wrong : filter.Within(within);
    }

    private Refusal? OfState(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!s_states.TryGetValue(text, out var state))
        {
            return Wrong("state", text, $"one of {string.Join(", ", s_states.Keys)}");
        }

        MayBeFinished = state is JobOutcome;
        Add(
            job => state is JobOutcome outcome ? job.Outcome == outcome : job.Outcome is null && job.State.Equals(state),
            TableClient.CreateQueryFilter($"outcome eq {state.ToString()}"));
        return null;
    }

    private Refusal? OfTrigger(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Split('/') is not ([.., { Length: > 0 } ns, { Length: > 0 } name] and { Length: 2 or 3 } parts)
            || (parts.Length == 3 && parts[0] is not (nameof(ResourceKind.ScheduleTrigger) or nameof(ResourceKind.WebhookTrigger))))
        {
            return Wrong("trigger", text, "NAMESPACE/NAME, or ScheduleTrigger/NAMESPACE/NAME or WebhookTrigger/NAMESPACE/NAME");
        }

        Add(job => job.Namespace == ns && job.TriggerName == name, TableClient.CreateQueryFilter($"namespace eq {ns} and triggerName eq {name}"));
        if (parts.Length == 3)
        {
            Add(job => job.TriggerKind?.ToString() == parts[0], TableClient.CreateQueryFilter($"triggerKind eq {parts[0]}"));
        }

        return null;
    }

    private Refusal? OfSource(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var (kind, ns, name) = text.Split('/') switch
        {
            [nameof(ResourceKind.ClusterGitRepo), { Length: > 0 } of] => (ResourceKind.ClusterGitRepo, null, of),
            [nameof(ResourceKind.GitRepo), { Length: > 0 } space, { Length: > 0 } of] => (ResourceKind.GitRepo, space, of),
            [{ Length: > 0 } space, { Length: > 0 } of] => (ResourceKind.GitRepo, space, of),
            _ => (ResourceKind.Settings, null, ""),
        };
        if (name.Length == 0)
        {
            return Wrong("source", text, "NAMESPACE/NAME, or ClusterGitRepo/NAME");
        }

        Add(job => job.SourceKind == kind && job.SourceName == name, TableClient.CreateQueryFilter($"sourceKind eq {kind.ToString()} and sourceName eq {name}"));
        if (ns is not null)
        {
            Add(job => job.Namespace == ns, TableClient.CreateQueryFilter($"namespace eq {ns}"));
        }

        return null;
    }

    private Refusal? OfCommit(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length is < 4 or > 64 || !text.All(char.IsAsciiHexDigit))
        {
            return Wrong("commit", text, "4 to 64 hexadecimal digits");
        }

        // 'g' follows all digits.
        var commit = text.ToLowerInvariant();
        var after = commit + "g";
        Add(job => job.Commit.StartsWith(commit, StringComparison.Ordinal), TableClient.CreateQueryFilter($"commit ge {commit} and commit lt {after}"));
        return null;
    }

    private Refusal? OfTimes(string? since, string? until)
    {
        if (!string.IsNullOrEmpty(since))
        {
            if (!TryTime(since, out _since))
            {
                return Wrong("since", since, "a time such as 2030-01-31T12:00:00Z (in a URL, + is written %2B)");
            }

            var from = _since;
            Add(job => job.SubmittedAt >= from, TableClient.CreateQueryFilter($"submittedAt ge {from}"));
        }

        if (!string.IsNullOrEmpty(until))
        {
            if (!TryTime(until, out _until))
            {
                return Wrong("until", until, "a time such as 2030-01-31T12:00:00Z (in a URL, + is written %2B)");
            }

            var to = _until;
            Add(job => job.SubmittedAt < to, TableClient.CreateQueryFilter($"submittedAt lt {to}"));
        }

        return null;
    }

    private JobFilter Within(AllowedNamespaces within)
    {
        if (!within.IsAll)
        {
            var names = within.Names.Select(ns => TableClient.CreateQueryFilter($"namespace eq {ns}")).DefaultIfEmpty("namespace eq ''");
            Add(job => within.Has(job.Namespace), $"({string.Join(" or ", names)})");
        }

        return this;
    }

    private void Add(Func<Job, bool> condition, string rows)
    {
        _conditions.Add(condition);
        _rows.Add(rows);
    }

    private static bool TryTime(string text, out DateTimeOffset time)
    {
        var isTime = DateTimeOffset.TryParseExact(text, s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
        time = time < s_first ? s_first : time > s_last ? s_last : time;
        return isTime;
    }

    private static Refusal Wrong(string name, string text, string form) => new(RefusalCodes.QueryInvalid, $"'{name}' is {form}, not {Wording.Quote(text)}");
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Pushcart.Workers.Working;

/// <summary>What a worker counts, as Prometheus reads it.</summary>
public sealed class WorkerMetrics
{
    private readonly ConcurrentDictionary<(string Call, bool Answered), long> _calls = new();
    private readonly ConcurrentDictionary<string, long> _reports = new();
    private long _claims;

    /// <summary>Calls of the server so far.</summary>
    public long Calls => _calls.Values.Sum();

    /// <summary>Calls that failed so far.</summary>
    public long Failures => _calls.Where(c => !c.Key.Answered).Sum(c => c.Value);

    /// <summary>Jobs claimed so far.</summary>
    public long Claims => Interlocked.Read(ref _claims);

    /// <summary>The server was asked.</summary>
    /// <param name="call">What for.</param>
    /// <param name="answered">False where the link failed.</param>
    public void Asked(string call, bool answered) => _calls.AddOrUpdate((call, answered), 1, (_, n) => n + 1);

    /// <summary>A job was claimed.</summary>
    public void Claimed() => Interlocked.Increment(ref _claims);

    /// <summary>A report has been taken.</summary>
    /// <param name="what">What it told.</param>
    public void Reported(string what) => _reports.AddOrUpdate(what, 1, (_, n) => n + 1);

    /// <summary>The text of <c>/metrics</c>.</summary>
    /// <param name="running">Jobs that the worker has.</param>
    /// <param name="most">How many it may have at once.</param>
    /// <param name="state">How it stands.</param>
    public string Text(int running, int most, string state)
    {
        var text = new StringBuilder();
        Metric("pushcart_worker_jobs", "gauge", "Jobs that the worker has.", [("", running)]);
        Metric("pushcart_worker_max_parallel_jobs", "gauge", "Jobs that it may have at once.", [("", most)]);
        Metric("pushcart_worker_state", "gauge", "1 for the state that the worker is in.", [($"{{state=\"{state}\"}}", 1)]);
        Metric("pushcart_worker_claims_total", "counter", "Jobs claimed.", [("", Claims)]);
        Metric("pushcart_worker_reports_total", "counter", "Reports that the server has taken.", [.. _reports.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => ($"{{what=\"{r.Key}\"}}", r.Value))]);
        Metric("pushcart_worker_requests_total", "counter", "Requests to the server.", Calls(answered: null));
        Metric("pushcart_worker_link_failures_total", "counter", "Requests that had no answer of the server.", Calls(answered: false));
        return text.ToString();

        List<(string, long)> Calls(bool? answered) =>
        [
            .. _calls.Where(c => answered is null || c.Key.Answered == answered).GroupBy(c => c.Key.Call, c => c.Value)
                .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => ($"{{call=\"{g.Key}\"}}", g.Sum())),
        ];

        void Metric(string name, string type, string help, IReadOnlyList<(string Labels, long Value)> values)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach (var (labels, value) in values)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
            }
        }
    }
}

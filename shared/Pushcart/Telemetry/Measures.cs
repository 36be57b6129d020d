using System.Diagnostics.Metrics;

namespace Pushcart.Telemetry;

/// <summary>
/// What a process counts: the one source of <c>GET metrics</c> and of OTLP. Labels are words of ours, each from a list that is known: never a namespace, a name, a commit or an address,
/// for each value of a label is a series that somebody pays for. Where nobody listens, counting costs nothing.
/// </summary>
public static class Measures
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Pushcart";

    private static readonly Meter s_meter = new(MeterName);

    // From a claim that follows at once to a job that waited for a day.
    private static readonly InstrumentAdvice<double> s_lengths = new() { HistogramBucketBoundaries = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400] };

    private static readonly Counter<long> s_checks = s_meter.CreateCounter<long>("pushcart.checks", "{check}", "Checks of sources, by what they decided");
    private static readonly Counter<long> s_webhooks = s_meter.CreateCounter<long>("pushcart.webhooks", "{request}", "Calls of webhooks, by who sent them and the status that answered");
    private static readonly Counter<long> s_submitted = s_meter.CreateCounter<long>("pushcart.jobs.submitted", "{job}", "Jobs that were submitted, by what brought them about");
    private static readonly Counter<long> s_ended = s_meter.CreateCounter<long>("pushcart.jobs.ended", "{job}", "Jobs that went to history, by their outcome");
    private static readonly Histogram<double> s_waiting = s_meter.CreateHistogram("pushcart.job.waiting", "s", "From a job's submission, or the end of its run before, until a run of it started", tags: null, s_lengths);
    private static readonly Histogram<double> s_running = s_meter.CreateHistogram("pushcart.job.running", "s", "From the start of a job's last run to its end", tags: null, s_lengths);
    private static readonly Counter<long> s_storage = s_meter.CreateCounter<long>("pushcart.storage.calls", "{request}", "Requests to tables and queues, each try counted, by operation and result");
    private static readonly Counter<long> s_kubernetes = s_meter.CreateCounter<long>("pushcart.kubernetes.calls", "{request}", "Requests to the Kubernetes API, each try counted, by method and class of status");
    private static readonly Counter<long> s_unhealthy = s_meter.CreateCounter<long>("pushcart.source.unhealthy", "{source}", "Sources that failed three times in a row");
    private static readonly Counter<long> s_recovered = s_meter.CreateCounter<long>("pushcart.source.recovered", "{source}", "Sources that answered again after that");

    /// <summary>A check has decided something.</summary>
    /// <param name="result">What, in a word.</param>
    internal static void Checked(string result) => s_checks.Add(1, Tag("result", result));

    /// <summary>A webhook was answered.</summary>
    /// <param name="provider">A name of a provider that is known; <c>trigger</c> of triggers' own URLs; <c>unknown</c>.</param>
    /// <param name="code">The status.</param>
    internal static void Answered(string provider, int code) => s_webhooks.Add(1, Tag("provider", provider), Tag("code", code));

    /// <summary>A job was submitted.</summary>
    /// <param name="cause">Its cause, of which only the kind is told.</param>
    internal static void Submitted(string cause) => s_submitted.Add(1, Tag("cause", cause.Split(' ')[0] switch
    {
        "poll" => "schedule",
        "webhook" => "webhook",
        "manual" => "manual",
        "re-run" => "rerun",
        _ => "request",
    }));

    /// <summary>A job has gone to history.</summary>
    /// <param name="outcome">Its outcome.</param>
    internal static void Ended(string outcome) => s_ended.Add(1, Tag("outcome", outcome));

    /// <summary>A run has started.</summary>
    /// <param name="waited">How long its job waited for it.</param>
    internal static void Started(TimeSpan waited) => s_waiting.Record(Math.Max(0, waited.TotalSeconds));

    /// <summary>The last run of a job has ended.</summary>
    /// <param name="ran">How long it ran.</param>
    internal static void Ran(TimeSpan ran) => s_running.Record(Math.Max(0, ran.TotalSeconds));

    /// <summary>Storage was asked.</summary>
    /// <param name="operation">What, such as <c>table.query</c>.</param>
    /// <param name="result">What it answered, in a word.</param>
    internal static void AskedStorage(string operation, string result) => s_storage.Add(1, Tag("operation", operation), Tag("result", result));

    /// <summary>The Kubernetes API was asked.</summary>
    /// <param name="method">The method of HTTP.</param>
    /// <param name="status">The status that answered; null: none did.</param>
    internal static void AskedKubernetes(HttpMethod method, int? status) =>
        s_kubernetes.Add(1, Tag("method", method.Method), Tag("code", status is { } code ? $"{code / 100}xx" : "none"));

    /// <summary>A source has failed three times in a row.</summary>
    internal static void BecameUnhealthy() => s_unhealthy.Add(1);

    /// <summary>Such a source has answered again.</summary>
    internal static void Recovered() => s_recovered.Add(1);

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}

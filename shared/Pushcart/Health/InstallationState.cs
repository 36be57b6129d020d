using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tokens;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;

namespace Pushcart.Health;

/// <summary>
/// Gauges of the whole installation, which only storage knows: every instance shows the same. They are read when somebody asks for metrics, at most every <see cref="HealthSettings.ReadEvery"/>,
/// so that an installation which nobody looks at costs nothing more: a range of live jobs, one of failing sources, two calls a queue, and one each of dead letters, tokens and ticks. Where storage does
/// not answer in time, what was read before is shown, and its age with it.
/// </summary>
public sealed class InstallationState : IDisposable
{
    /// <summary>So many dead letters are counted; more are told as so many.</summary>
    public const int MostCounted = 1000;

    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(5);

    private readonly Meter _meter = new(Measures.MeterName);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly StorageClients _storage;
    private readonly TimerTicks _ticks;
    private readonly ExpiringTokens _tokens;
    private readonly HealthSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<InstallationState> _log;
    private volatile InstallationReading? _last;
    private long? _tried;

    /// <summary>The gauges show nothing before <see cref="ReadAsync"/> was called.</summary>
    public InstallationState(StorageClients storage, TimerTicks ticks, ExpiringTokens tokens, HealthSettings settings, TimeProvider time, ILogger<InstallationState> log)
    {
        (_storage, _ticks, _tokens, _settings, _time, _log) = (storage, ticks, tokens, settings, time, log);
        Gauge("pushcart.jobs", "{job}", "Live jobs, by state", r => Enum.GetValues<JobState>().Select(s => Value(r.Jobs.GetValueOrDefault(s), "state", s.ToString().ToLowerInvariant())));
        Gauge("pushcart.sources.failing", "{source}", "Sources of triggers that failed three times in a row, or more, and have not answered since", r => [Value(r.SourcesFailing)]);
        Gauge("pushcart.queue.messages", "{message}", "Messages of a queue, hidden ones too", r => r.Queues.Select(q => Value(q.Messages, "queue", q.Name)));
        Gauge("pushcart.queue.oldest.age", "s", "Age of the oldest message of a queue that can be seen; 0 where none can be", r => r.Queues.Select(q => Value(q.Oldest is { } at ? Age(at) : 0, "queue", q.Name)));
        Gauge("pushcart.dead.letters", "{message}", $"Messages that could not be read and are kept; {MostCounted} stands for more too", r => [Value(r.DeadLetters)]);
        Gauge("pushcart.tokens.expiring", "{token}", "Tokens that expire in less than 14 days, and have not yet", r => [Value(r.TokensExpiring)]);
        Gauge("pushcart.timer.tick.age", "s", "Time since a timer has last ticked, in any instance", r => r.Ticks.Select(t => Value(Age(t.Value), "timer", t.Key)));
        Gauge("pushcart.state.age", "s", "Age of what these gauges show of storage", r => [Value(Age(r.At))]);
    }

    /// <summary>Reads storage, unless that was done, or tried, a moment ago. What cannot be read is logged, and no exception.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_tried is { } tried && _time.GetElapsedTime(tried) < _settings.ReadEvery)
            {
                return;
            }

            _tried = _time.GetTimestamp();
            using var timer = new CancellationTokenSource(s_within, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
            _last = await ReadAllAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is Azure.RequestFailedException || StorageFailure.IsAway(e, cancellation))
        {
            _log.LogWarning("metrics show what was read of storage before, for it cannot be read now: {Error}", e.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>True where a meter is this one's.</summary>
    internal bool Has(Meter meter) => meter == _meter;

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _reading.Dispose();
    }

    private async Task<InstallationReading> ReadAllAsync(CancellationToken cancellation)
    {
        var live = _storage.Table(TableNames.Live);
        var jobs = live.RangeAsync(JobRow.Partition, JobRow.Prefix, ["RowKey", "state"], filter: null, cancellation);
        var failing = live.RangeAsync(JobRow.Partition, SourceState.Prefix, ["RowKey"], $"failures ge {Failing.Unhealthy}", cancellation);
        var queues = Task.WhenAll(QueueNames.All.Select(async name =>
        {
            var queue = _storage.Queue(name);
            return new QueueReading(name, await queue.LengthAsync(cancellation).ConfigureAwait(false), await queue.OldestAsync(cancellation).ConfigureAwait(false));
        }));
        var dead = _storage.Table(TableNames.Dead).PageAsync("PartitionKey ge '0'", MostCounted, from: null, ["RowKey"], cancellation);
        var tokens = _tokens.SoonAsync(cancellation);
        var ticks = _ticks.ReadAsync(cancellation);
        await Task.WhenAll(jobs, failing, queues, dead, tokens, ticks).ConfigureAwait(false);
        return new(
            _time.GetUtcNow(),
            (await jobs.ConfigureAwait(false)).CountBy(row => Enum.Parse<JobState>(row.GetRequired("state"))).ToDictionary(),
            (await failing.ConfigureAwait(false)).Count,
            await queues.ConfigureAwait(false),
            (await dead.ConfigureAwait(false)).Rows.Count,
            (await tokens.ConfigureAwait(false)).Count,
            (await ticks.ConfigureAwait(false)).Last);
    }

    private void Gauge(string name, string unit, string description, Func<InstallationReading, IEnumerable<Measurement<double>>> show) =>
        _meter.CreateObservableGauge(name, () => _last is { } reading ? show(reading) : [], unit, description);

    private double Age(DateTimeOffset since) => Math.Max(0, (_time.GetUtcNow() - since).TotalSeconds);

    private static Measurement<double> Value(double value) => new(value);

    private static Measurement<double> Value(double value, string label, string word) => new(value, new KeyValuePair<string, object?>(label, word));
}

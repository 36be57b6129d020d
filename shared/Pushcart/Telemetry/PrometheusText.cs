using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Pushcart.Telemetry;

/// <summary>
/// Keeps what a meter counts, and writes it as Prometheus reads it (text format 0.0.4). The registries here have no exporter of OpenTelemetry for it; what it writes is as that one would:
/// dots become underscores, a unit of seconds is named, counters end in <c>_total</c>. It sees what is counted from <see cref="Listen"/> on.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    /// <summary>The content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Keeps what Pushcart counts.</summary>
    public PrometheusText()
        : this(meter => meter.Name == Measures.MeterName)
    {
    }

    /// <param name="takes">Which meters.</param>
    internal PrometheusText(Func<Meter, bool> takes)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (takes(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Take((Family)family!, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Take((Family)family!, value, tags));
    }

    /// <summary>Begins to keep what is counted.</summary>
    public void Listen() => _listener.Start();

    /// <summary>The text of all that is kept, and of what gauges show now.</summary>
    public string Write()
    {
        lock (_lock)
        {
            foreach (var family in _families.Values.Where(f => f.Kind == "gauge"))
            {
                // What a gauge no longer shows is not there.
                family.Series.Clear();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in _families.Values.Where(f => f.Series.Count > 0))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        var (kind, bounds) = instrument switch
        {
            Histogram<double> histogram => ("histogram", histogram.Advice?.HistogramBucketBoundaries ?? [0.1, 1, 10, 100]),
            Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => ("counter", []),
            _ => ("gauge", (IReadOnlyList<double>)[]),
        };
        var name = string.Concat(instrument.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')) + (instrument.Unit == "s" ? "_seconds" : "") + (kind == "counter" ? "_total" : "");
        lock (_lock)
        {
            // Two meters of one name, as two hosts in one process have them, share their families.
            return _families.TryGetValue(name, out var there) ? there : _families[name] = new(name, kind, instrument.Description ?? "", bounds);
        }
    }

    private void Take(Family family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        lock (_lock)
        {
            family.Take(labels, value);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    private sealed class Series(int buckets)
    {
        public double Value { get; set; }

        public long Count { get; set; }

        public long[] Buckets { get; } = new long[buckets];
    }

    private sealed record Family(string Name, string Kind, string Help, IReadOnlyList<double> Bounds)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        public void Take(string labels, double value)
        {
            if (!Series.TryGetValue(labels, out var series))
            {
                Series[labels] = series = new(Bounds.Count);
            }

            series.Value = Kind == "gauge" ? value : series.Value + value;
            series.Count++;
            for (var n = 0; n < Bounds.Count; n++)
            {
                // A bucket holds all that is not above its bound.
                series.Buckets[n] += value <= Bounds[n] ? 1 : 0;
            }
        }

        public void Write(StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {Help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n# TYPE {Name} {Kind}\n");
            foreach (var (labels, series) in Series)
            {
                if (Kind != "histogram")
                {
                    Line(text, Name, labels, series.Value);
                    continue;
                }

                var before = labels.Length == 0 ? "" : labels + ",";
                for (var n = 0; n < Bounds.Count; n++)
                {
                    Line(text, Name + "_bucket", $"{before}le=\"{Number(Bounds[n])}\"", series.Buckets[n]);
                }

                Line(text, Name + "_bucket", before + "le=\"+Inf\"", series.Count);
                Line(text, Name + "_sum", labels, series.Value);
                Line(text, Name + "_count", labels, series.Count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value) =>
            text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(Number(value)).Append('\n');

        private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Pushcart.Tests.Support;

/// <summary>One sample of Prometheus' text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
public sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A family of Prometheus' text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Help">What it says.</param>
/// <param name="Samples">Its samples.</param>
public sealed record PrometheusFamily(string Name, string Type, string Help, IReadOnlyList<PrometheusSample> Samples);

/// <summary>
/// Reads Prometheus' text format 0.0.4, as https://prometheus.io/docs/instrumenting/exposition_formats/ has it, and refuses all that it does not allow, and what a good exporter does not do
/// either: a family without HELP and TYPE before it, samples apart from their family, one series twice, a histogram whose buckets do not rise to its count.
/// </summary>
public static partial class PrometheusParser
{
    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">It is none; the message has the line.</exception>
    public static IReadOnlyDictionary<string, PrometheusFamily> Read(string text)
    {
        if (text.Length > 0 && !text.EndsWith('\n'))
        {
            throw new FormatException("the last line does not end");
        }

        var families = new Dictionary<string, PrometheusFamily>();
        string? help = null, helped = null;
        List<PrometheusSample> samples = [];
        PrometheusFamily? current = null;
        foreach (var line in text.Split('\n')[..^1])
        {
            if (Help().Match(line) is { Success: true } h)
            {
                (helped, help) = (h.Groups[1].Value, h.Groups[2].Value);
                current = null;
            }
            else if (Type().Match(line) is { Success: true } t)
            {
                samples = [];
                current = t.Groups[1].Value == helped ? new(helped, t.Groups[2].Value, help!, samples) : throw new FormatException($"no HELP before: {line}");
                if (!families.TryAdd(current.Name, current))
                {
                    throw new FormatException($"a second time: {line}");
                }
            }
            else if (Sample().Match(line) is { Success: true } s)
            {
                var sample = new PrometheusSample(s.Groups[1].Value, LabelsOf(s.Groups[2].Value, line), NumberOf(s.Groups[3].Value, line));
                var expected = current?.Type == "histogram" ? new[] { "_bucket", "_sum", "_count" }.Select(end => current.Name + end) : [current?.Name ?? ""];
                if (!expected.Contains(sample.Name))
                {
                    throw new FormatException($"not of the family {current?.Name}: {line}");
                }

                if (samples.Any(other => other.Name == sample.Name && other.Labels.Count == sample.Labels.Count && other.Labels.All(l => sample.Labels.GetValueOrDefault(l.Key) == l.Value)))
                {
                    throw new FormatException($"a second time: {line}");
                }

                samples.Add(sample);
            }
            else
            {
                throw new FormatException($"neither HELP, TYPE nor a sample: {line}");
            }
        }

        foreach (var family in families.Values)
        {
            Check(family);
        }

        return families;
    }

    private static void Check(PrometheusFamily family)
    {
        if (family.Samples.Count == 0)
        {
            throw new FormatException($"{family.Name} has no sample");
        }

        if (family.Type == "counter" && (!family.Name.EndsWith("_total", StringComparison.Ordinal) || family.Samples.Any(s => s.Value < 0)))
        {
            throw new FormatException($"{family.Name} is no good counter");
        }

        if (family.Type != "histogram")
        {
            return;
        }

        static string Key(PrometheusSample s) => string.Join(',', s.Labels.Where(l => l.Key != "le").Select(l => $"{l.Key}={l.Value}"));
        foreach (var series in family.Samples.GroupBy(Key))
        {
            var buckets = series.Where(s => s.Name.EndsWith("_bucket", StringComparison.Ordinal)).Select(s => (Bound: NumberOf(s.Labels["le"], family.Name), s.Value)).ToList();
            var count = series.Single(s => s.Name.EndsWith("_count", StringComparison.Ordinal)).Value;
            _ = series.Single(s => s.Name.EndsWith("_sum", StringComparison.Ordinal));
            if (buckets[^1] != (double.PositiveInfinity, count) || buckets.Zip(buckets.Skip(1)).Any(pair => pair.First.Bound >= pair.Second.Bound || pair.First.Value > pair.Second.Value))
            {
                throw new FormatException($"the buckets of {family.Name} do not rise to its count");
            }
        }
    }

    private static Dictionary<string, string> LabelsOf(string text, string line)
    {
        var labels = new Dictionary<string, string>();
        for (var rest = text; rest.Length > 0;)
        {
            var label = Label().Match(rest);
            if (!label.Success || !labels.TryAdd(label.Groups[1].Value, Escape().Replace(label.Groups[2].Value, e => e.Value == @"\n" ? "\n" : e.Value[1..])))
            {
                throw new FormatException($"its labels cannot be read: {line}");
            }

            rest = rest[label.Length..];
        }

        return labels;
    }

    private static double NumberOf(string text, string line) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : throw new FormatException($"no number: {line}"),
    };

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)+)$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$")]
    private static partial Regex Type();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")]
    private static partial Regex Sample();

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();

    [GeneratedRegex(@"^([a-zA-Z_][a-zA-Z0-9_]*)=""((?:[^""\\\n]|\\\\|\\""|\\n)*)""(?:,(?=[a-zA-Z_])|$)")]
    private static partial Regex Label();
}

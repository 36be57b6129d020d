using System.Diagnostics.Metrics;
using Pushcart.Resources;

namespace Pushcart.Triggers;

/// <summary>
/// Metrics of sources, by name: how often one has become unhealthy, after three failures in a row of one trigger's checks, and how often one has answered again since. They count
/// events, for a process knows of no others: a source is unhealthy where the first counter is ahead.
/// </summary>
internal static class SourceHealth
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Pushcart";

    private static readonly Meter s_meter = new(MeterName);
    private static readonly Counter<long> s_unhealthy = s_meter.CreateCounter<long>("pushcart.source.unhealthy", "{source}", "Sources that failed three times in a row");
    private static readonly Counter<long> s_recovered = s_meter.CreateCounter<long>("pushcart.source.recovered", "{source}", "Sources that answered again after that");

    public static void BecameUnhealthy(ResourceName source) => s_unhealthy.Add(1, new KeyValuePair<string, object?>("source", source.ToString()));

    public static void Recovered(ResourceName source) => s_recovered.Add(1, new KeyValuePair<string, object?>("source", source.ToString()));
}

using System.Globalization;

namespace Pushcart.Tests.Bench;

/// <summary>Something that was measured, and its bound.</summary>
/// <param name="What">What it is.</param>
/// <param name="Value">How much.</param>
/// <param name="Most">How much it may be.</param>
/// <param name="Unit">Of both.</param>
internal sealed record Measure(string What, double Value, double Most, string Unit)
{
    /// <summary>True where the bound holds.</summary>
    public bool Keeps => Value <= Most;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Keeps ? "ok  " : "OVER")} {What}: {Value:0.##} {Unit} (at most {Most:0.##})");

    /// <summary>How long an action takes.</summary>
    public static async Task<TimeSpan> TimeAsync(Func<Task> action)
    {
        var started = TimeProvider.System.GetTimestamp();
        await action();
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Bytes that are held after a collection, in MB.</summary>
    public static double Held() => GC.GetTotalMemory(forceFullCollection: true) / 1e6;
}

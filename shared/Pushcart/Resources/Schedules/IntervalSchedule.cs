using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Resources.Schedules;

/// <summary>Fires at every t where (t - phase) is a multiple of the interval, counted from the Unix epoch.</summary>
internal sealed class IntervalSchedule : Schedule
{
    private readonly long _interval;
    private readonly long _phase;

    public IntervalSchedule(TimeSpan interval, string phaseSeed)
    {
        if (interval < TimeSpan.FromSeconds(1) || interval.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "An interval is a whole number of seconds, at least one.");
        }

        _interval = interval.Ticks / TimeSpan.TicksPerSecond;
        var hash = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(phaseSeed)));
        _phase = (long)(hash % (ulong)_interval);
    }

    public override DateTimeOffset? NextAfter(DateTimeOffset after) => DateTimeOffset.FromUnixTimeSeconds(LastUpTo(after) + _interval);

    public override DateTimeOffset? LastIn(DateTimeOffset after, DateTimeOffset upTo)
    {
        var last = DateTimeOffset.FromUnixTimeSeconds(LastUpTo(upTo));
        return last > after ? last : null;
    }

    // ToUnixTimeSeconds rounds down, and so must the division, before 1970 too.
    private long LastUpTo(DateTimeOffset time)
    {
        var sincePhase = time.ToUnixTimeSeconds() - _phase;
        return time.ToUnixTimeSeconds() - (((sincePhase % _interval) + _interval) % _interval);
    }
}

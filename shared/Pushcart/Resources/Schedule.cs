namespace Pushcart.Resources;

/// <summary>The instants at which a schedule is due, in UTC, on whole seconds.</summary>
public abstract class Schedule
{
    /// <summary>The first instant after <paramref name="after"/>, or null where there is none any more.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset after);

    /// <summary>
    /// The last instant in (<paramref name="after"/>, <paramref name="upTo"/>], or null: what a tick that covers the range fires, once, however many it missed.
    /// </summary>
    public virtual DateTimeOffset? LastIn(DateTimeOffset after, DateTimeOffset upTo)
    {
        if (NextAfter(after) is not { } last || last > upTo)
        {
            return null;
        }

        // Bisection to a second: a month of missed seconds costs as little as one.
        var (low, high) = (last, upTo);
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low + ((high - low) / 2);
            if (NextAfter(middle) is { } next && next <= upTo)
            {
                (last, low) = (next, next);
            }
            else
            {
                high = middle;
            }
        }

        return NextAfter(low) is { } final && final <= upTo ? final : last;
    }
}

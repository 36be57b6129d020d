namespace Pushcart.Jobs;

/// <summary>
/// The id of a job: 20 characters of lower-case base32, 10 of the millisecond of submission and 10 random, drawn before the transaction.
/// Ids sort by time and are never used again.
/// </summary>
public static class JobId
{
    /// <summary>Characters of an id.</summary>
    public const int Length = 20;

    // In the order of their code points, so that ids sort by time; without i, l, o and u (Crockford), which people misread.
    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";

    private const int Half = 10;

    // 31 December 9999: ten characters hold more than a time can be.
    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Draws an id for a job submitted now.</summary>
    public static string New(DateTimeOffset now, Chance chance)
    {
        Span<char> id = stackalloc char[Length];
        Write((ulong)now.ToUnixTimeMilliseconds(), id[..Half]);
        Write(chance.Next(), id[Half..]);
        return new(id);
    }

    /// <summary>True where the text has the form of an id.</summary>
    public static bool IsValid(string? text) => text is { Length: Length } && text.All(c => Digits.Contains(c, StringComparison.Ordinal))
        && Milliseconds(text) <= LastMillisecond;

    /// <summary>The millisecond at which the job was submitted, read from its id.</summary>
    /// <param name="id">A valid id.</param>
    public static DateTimeOffset SubmittedAt(string id) => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(id));

    private static long Milliseconds(string id)
    {
        long milliseconds = 0;
        foreach (var c in id.AsSpan(0, Half))
        {
            milliseconds = (milliseconds << 5) | (long)Digits.IndexOf(c, StringComparison.Ordinal);
        }

        return milliseconds;
    }

    private static void Write(ulong value, Span<char> to)
    {
        for (var i = to.Length - 1; i >= 0; i--, value >>= 5)
        {
            to[i] = Digits[(int)(value & 31)];
        }
    }
}

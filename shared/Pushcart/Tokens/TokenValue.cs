using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Tokens;

/// <summary>
/// The values of tokens: a word for the kind and 256 random bits in hexadecimal. They are nowhere stored: storage has their SHA-256, which is enough, for nobody can guess 256 bits.
/// </summary>
public static class TokenValue
{
    /// <summary>How the value of a service token begins.</summary>
    public const string Service = "pct_";

    /// <summary>How that of a registration token begins.</summary>
    public const string Registration = "pcr_";

    /// <summary>How that of a worker token begins.</summary>
    public const string Worker = "pcw_";

    /// <summary>Characters of a value.</summary>
    public const int Length = 4 + 64;

    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");

    /// <summary>Draws a value.</summary>
    /// <param name="kind">How it begins.</param>
    /// <param name="chance">Chance.</param>
    public static string New(string kind, Chance chance)
    {
        ArgumentNullException.ThrowIfNull(chance);
        Span<byte> bytes = stackalloc byte[32];
        chance.Fill(bytes);
        return kind + Convert.ToHexStringLower(bytes);
    }

    /// <summary>True where a text has the form of a value: what has not is none, and storage need not be asked.</summary>
    public static bool HasForm(string? text) => text is { Length: Length } && text[..4] is Service or Registration or Worker && !text.AsSpan(4).ContainsAnyExcept(s_hex);

    /// <summary>What is stored of a value, and what it is looked up by: 64 hexadecimal digits. A lookup by a hash tells no timing of the value.</summary>
    public static string HashOf(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(value)));
}

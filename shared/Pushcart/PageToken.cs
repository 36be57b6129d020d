using System.Security.Cryptography;
using System.Text;

namespace Pushcart;

/// <summary>What a page of a list answers, to be asked for the next: opaque, and with a sum that tells it from what was made up, cut off, or answered by another list.</summary>
internal static class PageToken
{
    private const int SumLength = 8;
    private const int Longest = 2_000;

    /// <summary>The token.</summary>
    /// <param name="position">Where the next page begins.</param>
    /// <param name="list">What the list shows: a token of another one is refused.</param>
    public static string Encode(string position, string list)
    {
        var bytes = Encoding.UTF8.GetBytes(position);
        return Convert.ToHexStringLower(bytes) + Sum(bytes, list);
    }

    /// <summary>Reads a token; false where no page of this list answered it.</summary>
    public static bool TryDecode(string token, string list, out string? position)
    {
        position = null;
        if (token.Length is <= SumLength or > Longest || token.Length % 2 != 0 || !token.All(char.IsAsciiHexDigit))
        {
            return false;
        }

        var bytes = Convert.FromHexString(token[..^SumLength]);
        position = Encoding.UTF8.GetString(bytes);
        return token[^SumLength..] == Sum(bytes, list);
    }

    private static string Sum(byte[] bytes, string list) => Convert.ToHexStringLower(SHA256.HashData([.. bytes, .. Encoding.UTF8.GetBytes(list)]))[..SumLength];
}

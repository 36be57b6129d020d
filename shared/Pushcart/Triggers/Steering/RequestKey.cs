using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Triggers.Steering;

/// <summary>The id of a request, by its <c>Idempotency-Key</c>: who sends it again, having heard no answer, asks for nothing new.</summary>
internal static class RequestKey
{
    /// <summary>Characters of a key at most.</summary>
    public const int Longest = 255;

    /// <summary>The id: a hash of caller, namespace, what is asked for and key, so that one's key is not another's; or drawn where there is none.</summary>
    /// <param name="by">Who asks.</param>
    /// <param name="ns">Where.</param>
    /// <param name="verb">What for.</param>
    /// <param name="key">The key; null or empty: each time is a new request.</param>
    /// <param name="chance">Draws ids.</param>
    public static Answer<string> IdOf(string by, string ns, string verb, string? key, Chance chance) =>
        string.IsNullOrEmpty(key) ? chance.NewId()
        : key.Length > Longest ? new Refusal(RefusalCodes.KeyInvalid, $"the Idempotency-Key is longer than {Longest} characters")
        : Hash($"{by}\n{ns}\n{verb}\n{key}");

    /// <summary>The hash of a text.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Pushcart.Resources.KeyVault;

/// <summary>
/// The names of secrets in a key vault. There they are letters, digits and <c>-</c>, 127 at most, and case does not count; a secret of Pushcart is
/// a namespace (63 characters at most) and a name (253 at most, with <c>.</c>), both lower-case.
/// <list type="number">
/// <item>Where neither has a <c>.</c> or two <c>-</c> in a row, and it fits: <c>namespace--name</c>. It can be read in one way only, for neither begins or ends with <c>-</c>.</item>
/// <item>Otherwise: <c>sha256---</c> and the SHA-256 of <c>namespace/name</c> in hexadecimal. Three <c>-</c> in a row are in no name of the first form.</item>
/// </list>
/// </summary>
internal static partial class KeyVaultNames
{
    private const int Longest = 127;

    /// <summary>The name in the vault.</summary>
    public static string Of(string ns, string name)
    {
        var plain = $"{ns}--{name}";
        return plain.Length <= Longest && PlainForm().IsMatch(ns) && PlainForm().IsMatch(name)
            ? plain
            : "sha256---" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ns}/{name}")));
    }

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex PlainForm();
}

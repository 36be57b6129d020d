namespace Pushcart.Git.Protocol;

/// <summary>The two object formats of git, and the ids they have.</summary>
internal static class ObjectIds
{
    /// <summary>The default.</summary>
    public const string Sha1 = "sha1";

    /// <summary>Of repositories made with <c>--object-format=sha256</c>.</summary>
    public const string Sha256 = "sha256";

    /// <summary>Bytes of an id.</summary>
    public static int Bytes(string objectFormat) => objectFormat == Sha256 ? 32 : 20;

    /// <summary>True for a full id, in lower-case hexadecimal digits, of this format.</summary>
    public static bool IsValid(string id, string objectFormat) => id.Length == Bytes(objectFormat) * 2 && id.All(char.IsAsciiHexDigitLower);

    /// <summary>The id, or a failure where it is none.</summary>
    public static string Checked(string id, string objectFormat) =>
        IsValid(id, objectFormat) ? id : throw GitException.Malformed($"an object id is not {Bytes(objectFormat) * 2} hexadecimal digits");
}

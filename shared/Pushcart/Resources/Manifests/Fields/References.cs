using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>Reads and writes <c>reference: {branch: main}</c>, which triggers and source overrides share.</summary>
internal static class References
{
    private static readonly (string Field, ReferenceType Type)[] Types =
        [("branch", ReferenceType.Branch), ("tag", ReferenceType.Tag), ("commit", ReferenceType.Commit)];

    /// <summary>Reads a reference; null where there is none, or a wrong one.</summary>
    public static GitReference? Read(FieldReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        reader.ExactlyOne([.. Types.Select(type => type.Field)]);
        GitReference? reference = null;
        foreach (var (field, type) in Types)
        {
            if (reader.Text(field, type == ReferenceType.Commit ? Commit : value => Short(value, field)) is { } name)
            {
                reference = new GitReference(type, type == ReferenceType.Commit ? name.ToLowerInvariant() : name);
            }
        }

        reader.Close();
        return reference;
    }

    /// <summary>Writes a reference as it is read.</summary>
    public static JsonObject Write(GitReference reference) => new() { [Types.Single(type => type.Type == reference.Type).Field] = reference.Name };

    /// <summary>A whole commit id.</summary>
    [TextForm("[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", 64)]
    public static string? Commit(string value) =>
        value.Length is 40 or 64 && value.All(char.IsAsciiHexDigit) ? null : $"{Wording.Quote(value)} is no whole commit id: 40 or 64 hexadecimal digits";

    // The rules of git check-ref-format.
    private static string? Short(string value, string field)
    {
        if (value.StartsWith("refs/", StringComparison.Ordinal))
        {
            return $"{Wording.Quote(value)} is a full name; give the short one, as in \"{field}: {value.Split('/')[^1]}\"";
        }

        var valid = value.Length is > 0 and <= 250 && value != "@" && !value.StartsWith('-')
            && value.All(c => c > ' ' && c != '\x7f' && !"~^:?*[\\".Contains(c, StringComparison.Ordinal))
            && !value.Contains("..", StringComparison.Ordinal) && !value.Contains("@{", StringComparison.Ordinal) && !value.EndsWith('.')
            && value.Split('/').All(part => part.Length > 0 && part[0] != '.' && !part.EndsWith(".lock", StringComparison.Ordinal));
        return valid ? null : $"{Wording.Quote(value)} is no valid name of a {field} (git check-ref-format)";
    }
}

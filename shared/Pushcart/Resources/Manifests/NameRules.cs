using System.Text.RegularExpressions;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// What names may look like: Kubernetes' own rules, because the names end up in its objects. Each rule answers what is wrong with a value, or null.
/// </summary>
internal static partial class NameRules
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = LabelPattern + @"(\." + LabelPattern + ")*";
    private const string PrefixPattern = "[A-Za-z_][A-Za-z0-9_]*";
    private const string HeaderPattern = "[A-Za-z0-9][-A-Za-z0-9]*";
    private const string SecretKeyPattern = "[-._a-zA-Z0-9]+";
    private const string LabelValuePattern = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?";

    /// <summary>DNS-1123 subdomain, at most 253 characters: names of resources, secrets, service accounts.</summary>
    [TextForm(SubdomainPattern, 253)]
    public static string? Subdomain(string value) =>
        value.Length is > 0 and <= 253 && SubdomainForm().IsMatch(value)
            ? null
            : $"{Wording.Quote(value)} is no valid name: lower-case letters, digits, '-' and '.', at most 253, beginning and ending with a letter or digit";

    /// <summary>DNS-1123 label, at most 63 characters: namespaces.</summary>
    [TextForm(LabelPattern, 63)]
    public static string? Label(string value) =>
        value.Length is > 0 and <= 63 && LabelForm().IsMatch(value)
            ? null
            : $"{Wording.Quote(value)} is no valid name: lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit";

    /// <summary>Name of the one resource of settings.</summary>
    [TextForm(SettingsSpec.ResourceName, 253)]
    public static string? SettingsName(string value) =>
        value == SettingsSpec.ResourceName ? null : $"must be {Wording.Quote(SettingsSpec.ResourceName)}, not {Wording.Quote(value)}: an installation has one resource of settings";

    /// <summary>Key of a Kubernetes Secret.</summary>
    [TextForm(SecretKeyPattern, 253)]
    public static string? SecretKey(string value) =>
        value.Length is > 0 and <= 253 && SecretKeyForm().IsMatch(value) ? null : $"{Wording.Quote(value)} is no valid key of a secret: letters, digits, '-', '_' and '.', at most 253";

    /// <summary>Name of a concurrency group: it becomes part of a key in storage.</summary>
    [TextForm(LabelValuePattern, 63)]
    public static string? Group(string value) =>
        value.Length > 0 && LabelValue(value) is null ? null : $"{Wording.Quote(value)} is no valid name of a group: letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit";

    /// <summary>Key of a label of an action: Kubernetes' rule, and not one of Pushcart's own.</summary>
    [TextForm("(" + SubdomainPattern + "/)?" + LabelValuePattern, 317)]
    public static string? ActionLabelKey(string key) =>
        key.StartsWith("pushcart.dev/", StringComparison.Ordinal) ? "is one of Pushcart's own labels; choose another prefix" : QualifiedName(key);

    /// <summary>Key of a label, annotation or node selector: an optional subdomain and '/', then at most 63 characters.</summary>
    [TextForm("(" + SubdomainPattern + "/)?" + LabelValuePattern, 317)]
    public static string? QualifiedName(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (prefix, name) = slash < 0 ? (null, key) : (key[..slash], key[(slash + 1)..]);
        return (prefix is null || Subdomain(prefix) is null) && name.Length > 0 && LabelValue(name) is null
            ? null
            : "is no valid key: an optional domain name and '/', then at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";
    }

    /// <summary>Value of a label: at most 63 characters, may be empty.</summary>
    [TextForm("(" + LabelValuePattern + ")?", 63)]
    public static string? LabelValue(string value) =>
        value.Length <= 63 && (value.Length == 0 || LabelValueForm().IsMatch(value))
            ? null
            : $"{Wording.Quote(value)} is no valid value of a label: at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    /// <summary>Reference of an image: printable, without spaces; whether there is one, the cluster finds out.</summary>
    [TextForm("[!-~]+", 512)]
    public static string? Image(string value) =>
        value.Length is > 0 and <= 512 && value.All(c => c > ' ' && c < '\x7f') ? null : $"{Wording.Quote(value)} is no valid reference of an image";

    /// <summary>Working directory in a container.</summary>
    [TextForm("/[^:]+", 1024)]
    public static string? Workdir(string value) =>
        value.Length is > 1 and <= 1024 && value[0] == '/' && !value.Any(c => c == ':' || char.IsControl(c)) && value.Split('/')[1..].All(part => part is not ("" or "." or ".."))
            ? null
            : $"{Wording.Quote(value)} is no valid directory: an absolute path such as /action_workdir, not / itself, without . and .. and :";

    /// <summary>Prefix of the names of variables: with any of Pushcart's own names behind it, a name that every shell takes.</summary>
    [TextForm(PrefixPattern, 100)]
    public static string? VariablesPrefix(string value) =>
        value.Length <= 100 && PrefixForm().IsMatch(value) ? null : $"{Wording.Quote(value)} is no valid prefix: letters, digits and '_', at most 100, not beginning with a digit";

    /// <summary>Name of a variable: one that every shell takes.</summary>
    [TextForm(PrefixPattern, 200)]
    public static string? Variable(string value) =>
        value.Length <= 200 && PrefixForm().IsMatch(value) ? null : $"{Wording.Quote(value)} is no valid name of a variable: letters, digits and '_', at most 200, not beginning with a digit";

    /// <summary>Name of an HTTP header (RFC 9110, section 5.1).</summary>
    [TextForm(HeaderPattern, 100)]
    public static string? Header(string value) =>
        value.Length <= 100 && HeaderForm().IsMatch(value) ? null : $"{Wording.Quote(value)} is no valid name of a header: letters, digits and '-', at most 100";

    [GeneratedRegex("^" + SubdomainPattern + @"\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SubdomainForm();

    [GeneratedRegex("^" + LabelPattern + @"\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LabelForm();

    [GeneratedRegex("^" + SecretKeyPattern + @"\z")]
    private static partial Regex SecretKeyForm();

    [GeneratedRegex("^" + LabelValuePattern + @"\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValueForm();

    [GeneratedRegex("^" + PrefixPattern + @"\z")]
    private static partial Regex PrefixForm();

    [GeneratedRegex("^" + HeaderPattern + @"\z")]
    private static partial Regex HeaderForm();
}

using System.Text.RegularExpressions;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// What names may look like: Kubernetes' own rules, because the names end up in its objects. Each rule answers what is wrong with a value, or null.
/// </summary>
internal static partial class NameRules
{
    /// <summary>DNS-1123 subdomain, at most 253 characters: names of resources, secrets, service accounts.</summary>
    public static string? Subdomain(string value) =>
        value.Length is > 0 and <= 253 && SubdomainForm().IsMatch(value)
            ? null
            : $"{Wording.Quote(value)} is no valid name: lower-case letters, digits, '-' and '.', at most 253, beginning and ending with a letter or digit";

    /// <summary>DNS-1123 label, at most 63 characters: namespaces.</summary>
    public static string? Label(string value) =>
        value.Length is > 0 and <= 63 && LabelForm().IsMatch(value)
            ? null
            : $"{Wording.Quote(value)} is no valid name: lower-case letters, digits and '-', at most 63, beginning and ending with a letter or digit";

    /// <summary>Key of a Kubernetes Secret.</summary>
    public static string? SecretKey(string value) =>
        value.Length is > 0 and <= 253 && SecretKeyForm().IsMatch(value) ? null : $"{Wording.Quote(value)} is no valid key of a secret: letters, digits, '-', '_' and '.', at most 253";

    /// <summary>Name of a concurrency group: it becomes part of a key in storage.</summary>
    public static string? Group(string value) =>
        value.Length > 0 && LabelValue(value) is null ? null : $"{Wording.Quote(value)} is no valid name of a group: letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit";

    /// <summary>Key of a label of an action: Kubernetes' rule, and not one of Pushcart's own.</summary>
    public static string? ActionLabelKey(string key) =>
        key.StartsWith("pushcart.dev/", StringComparison.Ordinal) ? "is one of Pushcart's own labels; choose another prefix" : QualifiedName(key);

    /// <summary>Key of a label, annotation or node selector: an optional subdomain and '/', then at most 63 characters.</summary>
    public static string? QualifiedName(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (prefix, name) = slash < 0 ? (null, key) : (key[..slash], key[(slash + 1)..]);
        return (prefix is null || Subdomain(prefix) is null) && name.Length > 0 && LabelValue(name) is null
            ? null
            : "is no valid key: an optional domain name and '/', then at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";
    }

    /// <summary>Value of a label: at most 63 characters, may be empty.</summary>
    public static string? LabelValue(string value) =>
        value.Length <= 63 && (value.Length == 0 || LabelValueForm().IsMatch(value))
            ? null
            : $"{Wording.Quote(value)} is no valid value of a label: at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex SecretKeyForm();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValueForm();
}

using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pushcart.Resources.Manifests.Syntax;

/// <summary>
/// What an unquoted value means, by the core schema of YAML 1.2 (section 10.3.2). It is not YAML 1.1: <c>yes</c>, <c>on</c> and dates are text.
/// </summary>
internal static partial class CoreScalars
{
    /// <summary>Null, true, false, a number (spelled as it was written, as far as JSON allows) or text.</summary>
    public static JsonNode? Resolve(string value)
    {
        switch (value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return JsonValue.Create(false);
        }

        if (JsonNumber().IsMatch(value))
        {
            return JsonNode.Parse(value);
        }

        if (WholeNumber().IsMatch(value))
        {
            return JsonNode.Parse(BigInteger.Parse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        }

        if (value.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
        {
            return JsonValue.Create(hex);
        }

        if (Octal().IsMatch(value))
        {
            return JsonValue.Create(Convert.ToInt64(value[2..], 8));
        }

        return OtherFloat().IsMatch(value) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(value);
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,299})(\.[0-9]{1,300})?([eE][-+]?[0-9]{1,3})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^[-+]?[0-9]{1,300}\z")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^0o[0-7]{1,20}\z")]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]{1,300}|[0-9]{1,300}(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,3})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex OtherFloat();
}

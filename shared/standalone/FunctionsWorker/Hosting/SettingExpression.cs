using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Text of an attribute in which <c>%Name%</c> stands for a setting.</summary>
internal static partial class SettingExpression
{
    /// <summary>The text with its settings in place, or null and a fault where one is not set.</summary>
    public static string? Resolve(string text, IConfiguration configuration, string function, ICollection<string> faults)
    {
        var missing = false;
        var resolved = Name().Replace(text, match =>
        {
            var name = match.Groups[1].Value;
            var value = configuration[name] ?? configuration[name.Replace("__", ":", StringComparison.Ordinal)];
            if (string.IsNullOrEmpty(value))
            {
                faults.Add($"function {function}: the setting {name} is not set, which {text} stands for: set it in local.settings.json under Values, "
                    + $"or as the environment variable {name.Replace(":", "__", StringComparison.Ordinal)}");
                missing = true;
            }

            return value ?? string.Empty;
        });
        return missing ? null : resolved;
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Name();
}

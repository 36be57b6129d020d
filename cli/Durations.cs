using System.CommandLine;

namespace Pushcart.Cli;

/// <summary>Options that are durations.</summary>
internal static class Durations
{
    /// <summary>An option whose value is written like <c>30s</c>, <c>15m</c>, <c>90d</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    /// <param name="recursive">True where it holds for the commands below too.</param>
    public static Option<TimeSpan?> Option(string name, string description, bool recursive = false) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        Recursive = recursive,
        CustomParser = result =>
        {
            if (Duration.TryParse(result.Tokens[0].Value, out var value, out var error))
            {
                return value;
            }

            result.AddError($"{name}: {error}");
            return null;
        },
    };
}

using System.Globalization;

namespace Pushcart;

/// <summary>A parameter of a query that is a whole number within bounds. Any other text is refused: who asks for 5,000 is told what is given, not given less in silence.</summary>
public static class QueryNumber
{
    /// <summary>Reads one.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="text">Its text; null or empty where it is absent.</param>
    /// <param name="least">The least that is taken.</param>
    /// <param name="most">The most that is taken.</param>
    /// <param name="otherwise">What an absent one means.</param>
    /// <param name="value">What it says.</param>
    /// <returns>Why it cannot be read; null where it can.</returns>
    public static Refusal? Read(string name, string? text, int least, int most, int otherwise, out int value)
    {
        value = otherwise;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most)
            ? null
            : new(RefusalCodes.QueryInvalid, $"'{name}' is a whole number from {least} to {most}, not {Wording.Quote(text)}");
    }
}

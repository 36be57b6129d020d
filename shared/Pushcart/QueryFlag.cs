namespace Pushcart;

/// <summary>A parameter of a query that is true or false. Any other word is refused: who asks for <c>dryRun=yes</c> does not mean "write".</summary>
public static class QueryFlag
{
    /// <summary>Reads one.</summary>
    /// <param name="name">Name of the parameter.</param>
    /// <param name="text">Its text; null or empty where it is absent, which is false.</param>
    /// <param name="value">What it says.</param>
    /// <returns>Why it cannot be read; null where it can.</returns>
    public static Refusal? Read(string name, string? text, out bool value)
    {
        value = text == "true";
        return string.IsNullOrEmpty(text) || text is "true" or "false" ? null : new(RefusalCodes.QueryInvalid, $"'{name}' is true or false");
    }
}

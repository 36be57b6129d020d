using System.Globalization;

namespace Azure.Data.Tables.Wire;

/// <summary>Values as literals of a filter.</summary>
internal static class ODataFilter
{
    internal static string Format(FormattableString filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return string.Format(CultureInfo.InvariantCulture, filter.Format, [.. filter.GetArguments().Select(Literal)]);
    }

    internal static string Literal(object? value) => value switch
    {
        null => "null",
        string or char => $"'{value.ToString()!.Replace("'", "''", StringComparison.Ordinal)}'",
        bool truth => truth ? "true" : "false",
        long number => string.Create(CultureInfo.InvariantCulture, $"{number}L"),
        double number => Number(number.ToString("R", CultureInfo.InvariantCulture)),
        int or short or byte or sbyte or ushort or uint or float or decimal => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        Guid guid => $"guid'{guid}'",
        DateTimeOffset instant => $"datetime'{EntityJson.Literal(instant)}'",
        DateTime instant => $"datetime'{EntityJson.Literal(instant.ToUniversalTime())}'",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        BinaryData data => $"X'{Convert.ToHexString(data.ToMemory().Span)}'",
        _ => throw new ArgumentException($"A filter cannot hold a value of {value.GetType()}.", nameof(value)),
    };

    private static string Number(string text) => text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
}

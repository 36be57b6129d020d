using System.Text;
using Azure.Data.Tables;

namespace Pushcart.Storage;

/// <summary>What all rows have in common.</summary>
public static class Rows
{
    /// <summary>The version that this Pushcart writes, and the highest that it reads.</summary>
    public const int Version = 1;

    /// <summary>The property that holds the version.</summary>
    public const string VersionName = "v";

    /// <summary>Characters of a string property; longer text is stored as UTF-8, for a property holds 64 KiB of UTF-16.</summary>
    public const int MaximumCharacters = 30_000;

    /// <summary>A new row with its version.</summary>
    public static TableEntity New(string partition, string key) => new(partition, key) { [VersionName] = Version };

    /// <summary>True where a later version wrote the row: this one leaves it alone.</summary>
    public static bool IsNewer(TableEntity row) => row.TryGetValue(VersionName, out var value) && value is int version && version > Version;

    /// <summary>Sets a text: a string, or UTF-8 where it is long; 64,000 bytes at most, which its writer bounds. Null or empty leaves the property out.</summary>
    public static void SetText(this TableEntity row, string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        row[name] = text.Length <= MaximumCharacters ? text : Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Sets what is known; null leaves the property out.</summary>
    public static void SetKnown(this TableEntity row, params ReadOnlySpan<(string Name, object? Value)> properties)
    {
        foreach (var (name, value) in properties)
        {
            if (value is not null)
            {
                row[name] = value;
            }
        }
    }

    /// <summary>Reads what <see cref="SetText"/> wrote.</summary>
    public static string? GetText(this TableEntity row, string name) => row.TryGetValue(name, out var value)
        ? value switch { string text => text, byte[] bytes => Encoding.UTF8.GetString(bytes), BinaryData data => data.ToString(), _ => null }
        : null;

    /// <summary>Reads a text that every such row has.</summary>
    /// <exception cref="InvalidDataException">The row lacks it: something else wrote it.</exception>
    public static string GetRequired(this TableEntity row, string name) =>
        row.GetString(name) ?? throw new InvalidDataException($"the row {row.PartitionKey} / {row.RowKey} lacks '{name}'");

    /// <summary>About how many bytes the row takes in a transaction's body, generously.</summary>
    public static int Size(TableEntity row) => row.Sum(p => p.Key.Length + 48 + p.Value switch
    {
        // JSON may escape any character as \uXXXX.
        string text => text.Length * 6,
        byte[] bytes => bytes.Length * 4 / 3,
        _ => 32,
    });
}

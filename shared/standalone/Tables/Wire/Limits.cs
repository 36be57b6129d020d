namespace Azure.Data.Tables.Wire;

/// <summary>
/// What the service refuses and an emulator lets pass, checked before anything is sent, with the service's status and code: what works on a
/// developer's machine then works on Azure. Sizes are those of
/// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model.
/// </summary>
internal static class Limits
{
    internal const int Changes = 100;
    internal const int BodyBytes = 4 * 1024 * 1024;
    internal const int EntityBytes = 1024 * 1024;
    internal const int Properties = 252;
    internal const int ValueBytes = 64 * 1024;
    internal const int NameLength = 255;
    internal const int KeyLength = 1024;

    // Instants before 1601 are outside of the service's Edm.DateTime.
    private static readonly DateTimeOffset earliest = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static Refusal? OfKeys(string partitionKey, string rowKey) => OfKey("PartitionKey", partitionKey) ?? OfKey("RowKey", rowKey);

    internal static Refusal? OfEntity(string partitionKey, string rowKey, IReadOnlyList<KeyValuePair<string, object>> properties)
    {
        if (OfKeys(partitionKey, rowKey) is { } refused)
        {
            return refused;
        }

        var entity = $"The entity ('{partitionKey}', '{rowKey}')";
        if (properties.Count > Properties)
        {
            return new(400, "TooManyProperties", $"{entity} has {properties.Count} properties; the service takes {Properties}.");
        }

        var size = 4L + (2 * (partitionKey.Length + rowKey.Length));
        foreach (var (name, value) in properties)
        {
            if (OfProperty(entity, name, value) is { } refusal)
            {
                return refusal;
            }

            size += 8 + (2 * name.Length) + Size(value) + (value is string or byte[] or BinaryData ? 4 : 0);
        }

        return size > EntityBytes ? new(400, "EntityTooLarge", $"{entity} has {size} bytes; the service takes {EntityBytes}.") : null;
    }

    internal static Refusal? OfBody(long bytes) => bytes > BodyBytes
        ? new(413, "RequestBodyTooLarge", $"The transaction has {bytes} bytes; the service takes {BodyBytes}. Make several of it.")
        : null;

    private static Refusal? OfKey(string name, string value)
    {
        // The service's own code for a key that is too long is that of any value.
        if (value.Length > KeyLength)
        {
            return new(400, "PropertyValueTooLarge", $"The {name} has {value.Length} characters; the service takes {KeyLength}.");
        }

        foreach (var character in value)
        {
            if (character is '/' or '\\' or '#' or '?' || char.IsControl(character))
            {
                return new(400, "OutOfRangeInput", $"The '{name}' parameter of value '{value}' is out of range: it holds U+{(int)character:X4}.");
            }
        }

        return null;
    }

    private static Refusal? OfProperty(string entity, string name, object value) => value switch
    {
        _ when name.Length > NameLength => new(400, "PropertyNameTooLong", $"{entity} has a property of {name.Length} characters; the service takes {NameLength}: '{name[..32]}…'."),
        _ when !IsIdentifier(name) => new(400, "PropertyNameInvalid", $"{entity} has a property '{name}'; the service takes letters, digits and '_', no digit first."),
        DateTimeOffset instant when instant < earliest => OutOfRange(entity, name),
        DateTime instant when instant < earliest.UtcDateTime => OutOfRange(entity, name),
        _ when Size(value) is > ValueBytes and var bytes => new(
            400, "PropertyValueTooLarge", $"{entity} has {bytes} bytes in '{name}'; the service takes {ValueBytes}, and counts text as UTF-16."),
        _ => null,
    };

    private static Refusal OutOfRange(string entity, string name) => new(400, "OutOfRangeInput", $"{entity} has an instant before 1601 in '{name}'.");

    private static bool IsIdentifier(string name) =>
        name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(character => char.IsLetterOrDigit(character) || character == '_');

    private static int Size(object value) => value switch
    {
        string text => 2 * text.Length,
        byte[] bytes => bytes.Length,
        BinaryData data => data.ToMemory().Length,
        bool => 1,
        int => 4,
        Guid => 16,
        _ => 8,
    };
}

/// <summary>A refusal in the service's words, made here.</summary>
internal sealed record Refusal(int Status, string Code, string Message)
{
    internal RequestFailedException ToException() => new(Status, $"{Message}\nStatus: {Status}\nErrorCode: {Code}", Code, null);

    /// <summary>The same of change <paramref name="index"/> of a transaction.</summary>
    internal TableTransactionFailedException ToException(int index)
    {
        var position = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var failed = (this with { Message = $"{position}:{Message}" }).ToException();
        failed.Data[TableTransactionFailedException.FailedEntity] = position;
        return new TableTransactionFailedException(failed);
    }
}

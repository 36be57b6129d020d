using System.Globalization;
using Azure.Data.Tables;
using Pushcart.Resources;
using Pushcart.Storage;

namespace Pushcart.Tokens;

/// <summary>
/// Tokens as rows, all in one partition, so that each change is one transaction: <c>token|id</c> for people, and <c>hash|SHA-256</c> for each value, which has all that a request needs,
/// so that a value is verified by one read.
/// </summary>
internal static class TokenRow
{
    public const string Partition = "tokens";

    public const string Tokens = "token|";

    public const string AfterTokens = "token}";

    private const char Comma = ',';
    private const int IdLength = 24;
    private const long LastMillisecond = 0xFFFF_FFFF_FFFF;

    public static string KeyOf(string id) => Tokens + id;

    public static string KeyOfHash(string hash) => "hash|" + hash;

    /// <summary>Counts down with time, so that rows in the order of their keys are newest first.</summary>
    public static string NewId(DateTimeOffset now, Chance chance) =>
        (LastMillisecond - now.ToUnixTimeMilliseconds()).ToString("x12", CultureInfo.InvariantCulture) + chance.NewId()[..(IdLength - 12)];

    public static bool IsId(string? text) => text is { Length: IdLength } && text.All(char.IsAsciiHexDigitLower);

    public static TableEntity Write(Token token)
    {
        var row = Rows.New(Partition, KeyOf(token.Id));
        row["createdBy"] = token.CreatedBy;
        row["createdAt"] = token.CreatedAt;
        row["since"] = token.Since;
        row["hash"] = token.Hash;
        row.SetKnown(("lastUsedAt", token.LastUsedAt), ("oldUntil", token.OldUntil));
        row.SetText("oldHash", token.OldHash);
        SetGrant(row, token, token.ExpiresAt);
        return row;
    }

    /// <summary>The row of one of its values.</summary>
    /// <param name="token">The token.</param>
    /// <param name="hash">The value's hash.</param>
    /// <param name="expiresAt">From when the value is refused; null: never.</param>
    public static TableEntity WriteHash(Token token, string hash, DateTimeOffset? expiresAt)
    {
        var row = Rows.New(Partition, KeyOfHash(hash));
        row["token"] = token.Id;
        SetGrant(row, token, expiresAt);
        return row;
    }

    public static Token Read(TableEntity row) => new()
    {
        Id = row.RowKey[Tokens.Length..],
        Description = row.GetRequired("description"),
        Scopes = ScopesOf(row),
        Namespaces = NamespacesOf(row),
        CreatedBy = row.GetRequired("createdBy"),
        CreatedAt = row.GetDateTimeOffset("createdAt") ?? default,
        Since = row.GetDateTimeOffset("since") ?? default,
        ExpiresAt = row.GetDateTimeOffset("expiresAt"),
        LastUsedAt = row.GetDateTimeOffset("lastUsedAt"),
        Hash = row.GetRequired("hash"),
        OldHash = row.GetString("oldHash"),
        OldUntil = row.GetDateTimeOffset("oldUntil"),
    };

    /// <summary>What a value grants; null where a later version wrote its row, whose meaning this one does not know.</summary>
    public static Grant? ReadGrant(TableEntity row) => Rows.IsNewer(row)
        ? null
        : new(new(row.GetRequired("token"), row.GetRequired("description"), ScopesOf(row), NamespacesOf(row)), row.GetDateTimeOffset("expiresAt"));

    private static void SetGrant(TableEntity row, Token token, DateTimeOffset? expiresAt)
    {
        row["description"] = token.Description;
        row["scopes"] = string.Join(Comma, Scopes.WordsOf(token.Scopes));
        row.SetKnown(("expiresAt", expiresAt));
        if (!token.Namespaces.IsAll)
        {
            row["namespaces"] = string.Join(Comma, token.Namespaces.Names);
        }
    }

    // A word that is not known grants nothing.
    private static Scope ScopesOf(TableEntity row) =>
        row.GetRequired("scopes").Split(Comma).Aggregate(Scope.None, (all, word) => Scopes.TryRead(word, out var scope) ? all | scope : all);

    private static AllowedNamespaces NamespacesOf(TableEntity row) =>
        row.GetString("namespaces") is { } names ? AllowedNamespaces.Only(names.Split(Comma, StringSplitOptions.RemoveEmptyEntries)) : AllowedNamespaces.All;
}

using Azure.Data.Tables;
using Pushcart.Storage;

namespace Pushcart.Tokens;

/// <summary>A page of tokens.</summary>
/// <param name="Tokens">Newest first.</param>
/// <param name="Next">Asks for the next page; null at the end.</param>
public sealed record TokenPage(IReadOnlyList<Token> Tokens, string? Next);

/// <summary>A token with a new value: it was made, or rotated.</summary>
/// <param name="Token">The token.</param>
/// <param name="Value">The value, shown this once.</param>
public sealed record MadeToken(Token Token, string Value)
{
    /// <summary>Never shows the value.</summary>
    public override string ToString() => $"token {Token.Id}";
}

/// <summary>Makes, lists, rotates and deletes tokens. Each change is one transaction over a token's rows, with the versions that were seen.</summary>
public sealed class TokenStore(Table table, TokenCache cache, Chance chance, TimeProvider time)
{
    /// <summary>Tokens in one page.</summary>
    public const int PageSize = 50;

    private const int Tries = 5;

    private static readonly Refusal s_changing = new(RefusalCodes.TokenChanging, "others change this token all the time; nothing was written: try again");

    /// <summary>Makes a token.</summary>
    /// <param name="request">What it is to be.</param>
    /// <param name="by">Who makes it.</param>
    /// <param name="cancellation">Ends the call; it may have been written, and its value is lost then.</param>
    public async Task<Answer<MadeToken>> CreateAsync(TokenRequest request, string by, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Fault(time.GetUtcNow()) is { } fault)
        {
            return fault;
        }

        var value = TokenValue.New(TokenValue.Service, chance);
        var token = New(request, by, TokenValue.HashOf(value));
        for (var n = 0; n < Tries; n++)
        {
            var answer = await table.WriteAsync(Insert(token), cancellation).ConfigureAwait(false);

            // Where the answer of the first try was lost, the second finds what it wrote: nobody else draws this hash.
            if (answer.Applied || (await FindAsync(token.Id, cancellation).ConfigureAwait(false))?.Hash == token.Hash)
            {
                return new MadeToken(token, value);
            }

            token = token with { Id = TokenRow.NewId(time.GetUtcNow(), chance) };
        }

        return s_changing;
    }

    /// <summary>One page of tokens, newest first.</summary>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Answer<TokenPage>> PageAsync(string? from, CancellationToken cancellation)
    {
        if (!string.IsNullOrEmpty(from) && !TokenRow.IsId(from))
        {
            return new Refusal(RefusalCodes.TokenNextInvalid, "'next' is not what a page answered; leave it out to begin anew");
        }

        // After the last one, and before '}', which follows '|' in the order of the service.
        var after = TokenRow.Tokens + from;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {TokenRow.Partition} and RowKey gt {after} and RowKey lt {TokenRow.AfterTokens}");
        var (rows, next) = await table.PageAsync(filter, PageSize, from: null, select: null, cancellation).ConfigureAwait(false);
        return new TokenPage([.. rows.Where(row => !Rows.IsNewer(row)).Select(TokenRow.Read)], next is null || rows.Count == 0 ? null : rows[^1].RowKey[TokenRow.Tokens.Length..]);
    }

    /// <summary>One token; null where there is none.</summary>
    public async Task<Token?> FindAsync(string id, CancellationToken cancellation) =>
        await RowAsync(id, cancellation).ConfigureAwait(false) is { } row ? TokenRow.Read(row) : null;

    /// <summary>Deletes a token: this instance refuses it at once, others within 30 s.</summary>
    /// <returns>Null where it is deleted.</returns>
    public async Task<Refusal?> DeleteAsync(string id, CancellationToken cancellation)
    {
        for (var n = 0; n < Tries; n++)
        {
            if (await RowAsync(id, cancellation).ConfigureAwait(false) is not { } row)
            {
                // On a later turn it is gone by our own try whose answer was lost, or by somebody else's.
                return n == 0 ? NotFound(id) : null;
            }

            var token = TokenRow.Read(row);
            var answer = await table.WriteAsync(await DeletionAsync(token, row, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            cache.Forget(token.Hash, token.OldHash);
            if (answer.Applied)
            {
                return null;
            }
        }

        return s_changing;
    }

    /// <summary>
    /// Gives a token a new value. The one before works until the overlap is over; one before that, whose own overlap may not be over, no longer. A token that expires lives on for as long as
    /// it did, or until the request says.
    /// </summary>
    public async Task<Answer<MadeToken>> RotateAsync(string id, RotationRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var value = TokenValue.New(TokenValue.Service, chance);
        var hash = TokenValue.HashOf(value);
        for (var n = 0; n < Tries; n++)
        {
            var now = time.GetUtcNow();
            if (request.Fault(now) is { } fault)
            {
                return fault;
            }

            if (await RowAsync(id, cancellation).ConfigureAwait(false) is not { } row)
            {
                return NotFound(id);
            }

            var before = TokenRow.Read(row);
            if (before.Hash == hash)
            {
                return new MadeToken(before, value);
            }

            var until = before.ExpiresAt is { } expires && expires < now + request.Overlap ? expires : now + request.Overlap;
            var overlaps = until > now;
            var rotated = before with
            {
                Hash = hash,
                Since = now,
                ExpiresAt = request.ExpiresAt ?? now + (before.ExpiresAt - before.Since),
                OldHash = overlaps ? before.Hash : null,
                OldUntil = overlaps ? until : null,
            };
            List<Change> changes = [Change.Replace(TokenRow.Write(rotated), row.ETag), Change.Insert(TokenRow.WriteHash(rotated, hash, rotated.ExpiresAt))];
            foreach (var old in await HashRowsAsync(before, cancellation).ConfigureAwait(false))
            {
                changes.Add(overlaps && old.RowKey == TokenRow.KeyOfHash(before.Hash)
                    ? Change.Replace(TokenRow.WriteHash(rotated, before.Hash, until), old.ETag)
                    : Change.Delete(old.PartitionKey, old.RowKey, old.ETag));
            }

            var answer = await table.WriteAsync(changes, cancellation).ConfigureAwait(false);
            cache.Forget(before.Hash, before.OldHash, hash);
            if (answer.Applied)
            {
                return new MadeToken(rotated, value);
            }
        }

        return s_changing;
    }

    /// <summary>Tells that there is no such token.</summary>
    public static Refusal NotFound(string id) => new(RefusalCodes.TokenNotFound, $"there is no token {Wording.Quote(id)}");

    /// <summary>A token that is not stored yet.</summary>
    internal Token New(TokenRequest request, string by, string hash)
    {
        var now = time.GetUtcNow();
        return new()
        {
            Id = TokenRow.NewId(now, chance),
            Description = request.Description,
            Scopes = request.Scopes,
            Namespaces = request.Namespaces,
            CreatedBy = by,
            CreatedAt = now,
            Since = now,
            ExpiresAt = request.ExpiresAt,
            Hash = hash,
        };
    }

    /// <summary>What makes a token.</summary>
    internal static IReadOnlyList<Change> Insert(Token token) =>
        [Change.Insert(TokenRow.Write(token)), Change.Insert(TokenRow.WriteHash(token, token.Hash, token.ExpiresAt))];

    /// <summary>What deletes a token; nothing where it is gone.</summary>
    internal async Task<IReadOnlyList<Change>> DeletionAsync(string id, CancellationToken cancellation) =>
        await RowAsync(id, cancellation).ConfigureAwait(false) is { } row ? await DeletionAsync(TokenRow.Read(row), row, cancellation).ConfigureAwait(false) : [];

    private async Task<IReadOnlyList<Change>> DeletionAsync(Token token, TableEntity row, CancellationToken cancellation) =>
        [
            Change.Delete(row.PartitionKey, row.RowKey, row.ETag),
            .. (await HashRowsAsync(token, cancellation).ConfigureAwait(false)).Select(old => Change.Delete(old.PartitionKey, old.RowKey, old.ETag)),
        ];

    // What a later version wrote is not there for this one: it is neither shown nor changed.
    private async Task<TableEntity?> RowAsync(string id, CancellationToken cancellation) =>
        TokenRow.IsId(id) && await table.FindAsync(TokenRow.Partition, TokenRow.KeyOf(id), cancellation).ConfigureAwait(false) is { } row && !Rows.IsNewer(row) ? row : null;

    private async Task<List<TableEntity>> HashRowsAsync(Token token, CancellationToken cancellation)
    {
        List<TableEntity> rows = [];
        foreach (var hash in new[] { token.Hash, token.OldHash }.OfType<string>())
        {
            if (await table.FindAsync(TokenRow.Partition, TokenRow.KeyOfHash(hash), cancellation).ConfigureAwait(false) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }
}

using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Storage;

namespace Pushcart.Tokens;

/// <summary>How the first admin token stands after a start.</summary>
/// <param name="Value">The value, where a new one was drawn: it is to be shown once.</param>
/// <param name="Note">What an operator should know; null: nothing.</param>
public sealed record FirstAdminAnswer(string? Value, string? Note)
{
    /// <summary>Never shows the value.</summary>
    public override string ToString() => $"{nameof(FirstAdminAnswer)} {Note}";
}

/// <summary>
/// Sees to it at each start that there is a first admin token. One row, <c>first</c>, says whose value made it, so that hosts that start at once make one, and a token that an admin has
/// deleted stays deleted: only another value in the setting makes another one, and revokes the one before.
/// </summary>
public sealed class FirstAdmin(Table table, TokenStore tokens, TokenCache cache, TokenSettings settings, Audit audit, Chance chance, ILogger<FirstAdmin> log)
{
    private const string Key = "first";
    private const string Self = "this host";
    private const int Tries = 5;

    /// <summary>Makes the token where there is none, or the setting has a new value.</summary>
    /// <param name="file">Where a drawn value is kept; null: none is drawn.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<FirstAdminAnswer> EnsureAsync(string? file, CancellationToken cancellation) =>
        settings.FirstAdmin.Length > 0 ? OfSettingAsync(settings.FirstAdmin, cancellation)
        : file is not null ? OfFileAsync(file, cancellation)
        : OfNothingAsync(cancellation);

    private async Task<FirstAdminAnswer> OfSettingAsync(string value, CancellationToken cancellation)
    {
        var hash = TokenValue.HashOf(value);
        for (var n = 0; n < Tries; n++)
        {
            var first = await FirstAsync(cancellation).ConfigureAwait(false);
            if (first is not null && (Rows.IsNewer(first) || first.GetString("hash") == hash))
            {
                return new(null, null);
            }

            if (await IsKnownAsync(hash, cancellation).ConfigureAwait(false))
            {
                // It may have become known since the look at the row: by another host that starts with the same value.
                if ((await FirstAsync(cancellation).ConfigureAwait(false))?.ETag != first?.ETag)
                {
                    continue;
                }

                return new(null, "Tokens:FirstAdmin: its value is that of another token of this installation, so nothing was changed; draw a new one: echo pct_$(openssl rand -hex 32)");
            }

            if (await InsertAsync(hash, first, cancellation).ConfigureAwait(false))
            {
                return new(null, null);
            }
        }

        return new(null, "the first admin token of Tokens:FirstAdmin was not made, others change it all the time; start again");
    }

    private async Task<FirstAdminAnswer> OfFileAsync(string file, CancellationToken cancellation)
    {
        string? value;
        var drawn = false;
        try
        {
            value = AdminTokenFile.Read(file);
            if (await FirstAsync(cancellation).ConfigureAwait(false) is { } first)
            {
                return new(null, await StandingAsync(first, value, file, cancellation).ConfigureAwait(false));
            }

            if (value is null)
            {
                value = TokenValue.New(TokenValue.Service, chance);
                drawn = AdminTokenFile.TryWrite(file, value, chance);
                value = drawn ? value : AdminTokenFile.Read(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, $"there is no admin token: {file} cannot be written or read ({e.Message}); set Tokens:FirstAdmin");
        }

        if (value is null)
        {
            return new(null, $"there is no admin token: {file} holds none; delete it and start again, or set Tokens:FirstAdmin");
        }

        var hash = TokenValue.HashOf(value);
        if (await InsertAsync(hash, first: null, cancellation).ConfigureAwait(false))
        {
            return new(drawn ? value : null, null);
        }

        // Somebody was faster: with the same file, and all is well; or with another one, and this one's value is nobody's.
        var winner = await FirstAsync(cancellation).ConfigureAwait(false);
        if (winner?.GetString("hash") == hash)
        {
            return new(drawn ? value : null, null);
        }

        if (drawn)
        {
            File.Delete(file);
        }

        return new(null, Elsewhere);
    }

    private async Task<FirstAdminAnswer> OfNothingAsync(CancellationToken cancellation) =>
        new(null, await FirstAsync(cancellation).ConfigureAwait(false) is null ? "there is no admin token, so the API cannot be used; set Tokens:FirstAdmin to the value of one (docs/operating.md, \"Tokens\")" : null);

    // A file that is not this installation's admits nobody: better told at the start than by a 401.
    private async Task<string?> StandingAsync(TableEntity first, string? value, string file, CancellationToken cancellation)
    {
        if (value is null)
        {
            return Elsewhere;
        }

        var hash = TokenValue.HashOf(value);
        return first.GetString("hash") == hash || await IsKnownAsync(hash, cancellation).ConfigureAwait(false)
            ? null
            : $"{file} is not of this installation, whose first admin token was made elsewhere; delete it, or set Tokens:FirstAdmin to a new value to make a new token";
    }

    private static string Elsewhere =>
        "the first admin token of this installation was made by another host, or its file is lost; set Tokens:FirstAdmin to a new value to make a new one, which revokes it: echo pct_$(openssl rand -hex 32)";

    private Task<TableEntity?> FirstAsync(CancellationToken cancellation) => table.FindAsync(TokenRow.Partition, Key, cancellation);

    private async Task<bool> IsKnownAsync(string hash, CancellationToken cancellation) =>
        await table.FindAsync(TokenRow.Partition, TokenRow.KeyOfHash(hash), cancellation).ConfigureAwait(false) is not null;

    private async Task<bool> InsertAsync(string hash, TableEntity? first, CancellationToken cancellation)
    {
        var token = tokens.New(new() { Description = "first admin", Scopes = Scope.Admin }, Self, hash);
        var row = Rows.New(TokenRow.Partition, Key);
        row["hash"] = hash;
        row["token"] = token.Id;
        var before = first?.GetString("token");
        var old = before is null ? null : await tokens.FindAsync(before, cancellation).ConfigureAwait(false);
        List<Change> changes =
        [
            first is null ? Change.Insert(row) : Change.Replace(row, first.ETag),
            .. TokenStore.Insert(token),
            .. old is null ? [] : await tokens.DeletionAsync(old.Id, cancellation).ConfigureAwait(false),
        ];
        if (!(await table.WriteAsync(changes, cancellation).ConfigureAwait(false)).Applied)
        {
            return false;
        }

        cache.Forget(hash, old?.Hash, old?.OldHash);
        audit.Tell(Self, null, "first admin token", $"made, token {token.Id}{(old is null ? "" : $"; token {old.Id} is revoked")}");
        log.LogInformation("the first admin token is made: {Token}", token.Id);
        return true;
    }
}

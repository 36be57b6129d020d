using Pushcart.Resources;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Tokens;

public sealed class TokenStoreTests
{
    [Fact]
    public async Task What_a_token_is_for_survives_its_row()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (id, value) = await one.MakeAsync(new()
        {
            Description = "x",
            Scopes = Scope.Hook | Scope.Worker,
            Namespaces = AllowedNamespaces.Only("b", "a"),
            ExpiresAt = given.Time.GetUtcNow().AddDays(1),
        });

        var token = (await one.Store.FindAsync(id, default))!;
        Assert.Equal((Scope.Hook | Scope.Worker, given.Time.GetUtcNow().AddDays(1), "a test", given.Time.GetUtcNow()), (token.Scopes, token.ExpiresAt, token.CreatedBy, token.CreatedAt));
        Assert.Equal(["a", "b"], token.Namespaces.Names);
        var caller = (await one.Verification.VerifyAsync(value, default))!;
        Assert.Equal((id, "x", Scope.Hook | Scope.Worker), (caller.TokenId, caller.Description, caller.Scopes));
        Assert.True(caller.Namespaces.Has("a") && !caller.Namespaces.Has("c") && !caller.Namespaces.Has(null));
    }

    [Fact]
    public async Task The_old_value_works_for_the_overlap_and_no_longer_than_the_token_did()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (id, first) = await one.MakeAsync(new() { Description = "x", ExpiresAt = given.Time.GetUtcNow().AddHours(1) });
        given.Time.Advance(TimeSpan.FromMinutes(30));

        var rotated = (await one.Store.RotateAsync(id, new() { Overlap = TimeSpan.FromHours(2) }, default)).Value!;

        Assert.Equal(given.Time.GetUtcNow().AddMinutes(30), rotated.Token.OldUntil);
        Assert.Equal(given.Time.GetUtcNow().AddHours(1), rotated.Token.ExpiresAt);
        given.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.True(await one.AdmitsAsync(first) && await one.AdmitsAsync(rotated.Value));
        given.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await one.AdmitsAsync(first));
        Assert.True(await one.AdmitsAsync(rotated.Value));
        given.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.False(await one.AdmitsAsync(rotated.Value));
    }

    [Fact]
    public async Task However_often_a_token_is_rotated_it_has_at_most_two_values()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (id, _) = await one.MakeAsync();
        for (var n = 0; n < 5; n++)
        {
            await one.Store.RotateAsync(id, new() { Overlap = TimeSpan.FromHours(1) }, default);
        }

        Assert.Equal(2, (await TokenVerificationTests.RowsAsync(given)).Count(key => key.StartsWith("hash|", StringComparison.Ordinal)));
        await one.Store.DeleteAsync(id, default);
        Assert.Empty(await TokenVerificationTests.RowsAsync(given));
    }

    [Fact]
    public async Task A_use_that_is_noted_meanwhile_is_no_conflict_for_a_rotation_or_a_deletion()
    {
        await using var given = await GivenTokens.StartAsync();
        var (one, other) = (given.NewInstance(), given.NewInstance());
        var (id, value) = await one.MakeAsync();
        var reads = 0;
        given.Storage.AfterRead = () =>
        {
            // After the row is read, and before it is written.
            if (++reads == 2)
            {
                given.Storage.AfterRead = null;
                other.AdmitsAsync(value).GetAwaiter().GetResult();
            }
        };
        Assert.NotNull((await one.Store.RotateAsync(id, new() { Overlap = TimeSpan.FromMinutes(1) }, default)).Value);
        Assert.Null(given.Storage.AfterRead);
        Assert.Null(await one.Store.DeleteAsync(id, default));
    }

    [Theory]
    [InlineData(Scope.Admin, "admin write read hook")]
    [InlineData(Scope.Write, "write read")]
    [InlineData(Scope.Read, "read")]
    [InlineData(Scope.Hook, "hook")]
    [InlineData(Scope.Worker, "worker")]
    [InlineData(Scope.None, "")]
    public void A_scope_allows_what_stands_below_it(Scope scope, string allowed) =>
        Assert.Equal(allowed, string.Join(' ', Scopes.Words.Where(word => Scopes.TryRead(word, out var needed) && scope.Allow(needed))));

    [Fact]
    public void Values_are_256_random_bits_and_their_words_tell_their_kind()
    {
        foreach (var kind in (string[])[TokenValue.Service, TokenValue.Registration, TokenValue.Worker])
        {
            var values = Enumerable.Range(0, 100).Select(_ => TokenValue.New(kind, Chance.System)).ToHashSet();
            Assert.Equal(100, values.Count);
            Assert.All(values, value => Assert.Matches($"^{kind}[0-9a-f]{{64}}$", value));
            Assert.All(values, value => Assert.True(TokenValue.HasForm(value)));
        }
    }

    [Fact]
    public async Task A_token_that_expires_in_less_than_14_days_is_told_once_a_day_and_found()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (id, _) = await one.MakeAsync(new() { Description = "soon", ExpiresAt = given.Time.GetUtcNow().AddDays(14) });
        await one.MakeAsync(new() { Description = "later", ExpiresAt = given.Time.GetUtcNow().AddDays(300) });
        await one.MakeAsync(new() { Description = "never" });
        await one.Expiring.LookAsync(default);
        Assert.Empty(given.Log);
        given.Time.Advance(TimeSpan.FromHours(1));
        await one.Expiring.LookAsync(default);
        await one.Expiring.LookAsync(default);
        Assert.Contains($"token {id} (soon) expires at", Assert.Single(given.Log), StringComparison.Ordinal);
        Assert.StartsWith("Warning: ", given.Log[0], StringComparison.Ordinal);
        Assert.Equal(id, Assert.Single(await one.Expiring.SoonAsync(default)).Id);
        given.Time.Advance(TimeSpan.FromDays(1));
        await one.Expiring.LookAsync(default);
        Assert.Equal(2, given.Log.Count);
        given.Time.Advance(TimeSpan.FromDays(13));
        await one.Expiring.LookAsync(default);
        Assert.Equal(2, given.Log.Count);
    }
}

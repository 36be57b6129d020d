using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Tokens;

/// <summary>The first admin token by the setting, as from a Secret of a cluster or from Key Vault, whose reference the platform has resolved.</summary>
public sealed class FirstAdminTests
{
    [Fact]
    public async Task The_value_of_the_setting_is_an_admin_token_from_the_start_and_only_its_hash_is_stored()
    {
        await using var given = await GivenTokens.StartAsync();
        var value = TokenValue.New(TokenValue.Service, Chance.System);
        var one = given.NewInstance(value);

        Assert.Equal(new FirstAdminAnswer(null, null), await one.First.EnsureAsync("/nowhere/at/all", default));

        Assert.Equal(Scope.Admin, (await one.Verification.VerifyAsync(value, default))!.Scopes);
        Assert.DoesNotContain(given.Storage.Writes, write => write.Contains(value[4..], StringComparison.Ordinal));
        Assert.DoesNotContain(given.Log, line => line.Contains(value[4..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hosts_that_start_at_once_or_again_make_one()
    {
        await using var given = await GivenTokens.StartAsync();
        var value = TokenValue.New(TokenValue.Service, Chance.System);
        var (one, other) = (given.NewInstance(value), given.NewInstance(value));

        // The second starts while the first is between its look and its write.
        given.Storage.AfterRead = () =>
        {
            given.Storage.AfterRead = null;
            Assert.Null(other.First.EnsureAsync(null, default).GetAwaiter().GetResult().Note);
        };
        Assert.Null((await one.First.EnsureAsync(null, default)).Note);
        Assert.Null((await given.NewInstance(value).First.EnsureAsync(null, default)).Note);

        Assert.Single((await one.Store.PageAsync(null, default)).Value!.Tokens);
        Assert.True(await one.AdmitsAsync(value));
        Assert.Single(given.Log, line => line.Contains("first admin token: made", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_value_makes_a_new_one_and_revokes_the_one_before_also_what_it_was_rotated_to()
    {
        await using var given = await GivenTokens.StartAsync();
        var (old, fresh) = (TokenValue.New(TokenValue.Service, Chance.System), TokenValue.New(TokenValue.Service, Chance.System));
        var one = given.NewInstance(old);
        await one.First.EnsureAsync(null, default);
        var id = Assert.Single((await one.Store.PageAsync(null, default)).Value!.Tokens).Id;
        var rotated = (await one.Store.RotateAsync(id, new() { Overlap = TimeSpan.FromDays(1) }, default)).Value!;

        var two = given.NewInstance(fresh);
        await two.First.EnsureAsync(null, default);

        Assert.True(await two.AdmitsAsync(fresh));
        Assert.False(await two.AdmitsAsync(old));
        Assert.False(await two.AdmitsAsync(rotated.Value));
        Assert.Contains($"token {id} is revoked", given.Log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_an_admin_has_deleted_is_not_made_again_by_the_same_value()
    {
        await using var given = await GivenTokens.StartAsync();
        var value = TokenValue.New(TokenValue.Service, Chance.System);
        var one = given.NewInstance(value);
        await one.First.EnsureAsync(null, default);
        await one.Store.DeleteAsync(Assert.Single((await one.Store.PageAsync(null, default)).Value!.Tokens).Id, default);

        await one.First.EnsureAsync(null, default);

        Assert.False(await one.AdmitsAsync(value));
        var fresh = TokenValue.New(TokenValue.Service, Chance.System);
        await given.NewInstance(fresh).First.EnsureAsync(null, default);
        Assert.True(await one.AdmitsAsync(fresh));
    }

    [Fact]
    public async Task The_value_of_another_token_is_not_taken()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (_, value) = await one.MakeAsync();

        Assert.Contains("is that of another token", (await given.NewInstance(value).First.EnsureAsync(null, default)).Note, StringComparison.Ordinal);

        Assert.Equal(Scope.Read, (await one.Verification.VerifyAsync(value, default))!.Scopes);
    }

    [Fact]
    public async Task Under_Functions_without_the_setting_there_is_none_and_it_is_said()
    {
        await using var given = await GivenTokens.StartAsync();
        var answer = await given.NewInstance().First.EnsureAsync(null, default);

        Assert.Contains("set Tokens:FirstAdmin", answer.Note, StringComparison.Ordinal);
        Assert.Empty(await TokenVerificationTests.RowsAsync(given));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_told_with_the_setting()
    {
        await using var given = await GivenTokens.StartAsync();

        Assert.Contains("set Tokens:FirstAdmin", (await given.NewInstance().First.EnsureAsync("/proc/nowhere/admin-token", default)).Note, StringComparison.Ordinal);
        Assert.Empty(await TokenVerificationTests.RowsAsync(given));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hosts_that_draw_one_at_once_end_with_one_token_and_one_file_that_holds_it(bool sameFolder)
    {
        var folder = Directory.CreateTempSubdirectory("pushcart-token-");
        try
        {
            string[] files = [AdminTokenFile.PathBelow(folder.FullName), sameFolder ? AdminTokenFile.PathBelow(folder.FullName) : AdminTokenFile.PathBelow(Path.Combine(folder.FullName, "other"))];
            await using var given = await GivenTokens.StartAsync();
            var (one, other) = (given.NewInstance(), given.NewInstance());

            // The second host does all of it between the first one's look at the row and its write.
            FirstAdminAnswer? faster = null;
            given.Storage.AfterRead = () =>
            {
                given.Storage.AfterRead = null;
                faster = other.First.EnsureAsync(files[1], default).GetAwaiter().GetResult();
            };
            var slower = await one.First.EnsureAsync(files[0], default);

            Assert.NotNull(faster!.Value);
            Assert.Null(slower.Value);
            Assert.Equal(sameFolder, slower.Note is null);
            Assert.Equal(faster.Value, Assert.Single(files.Distinct().Select(AdminTokenFile.Read).OfType<string>()));
            Assert.Single((await one.Store.PageAsync(null, default)).Value!.Tokens);
            Assert.True(await one.AdmitsAsync(faster.Value));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_outlived_its_storage_makes_the_token_again()
    {
        var folder = Directory.CreateTempSubdirectory("pushcart-token-");
        try
        {
            var file = AdminTokenFile.PathBelow(folder.FullName);
            await using var before = await GivenTokens.StartAsync();
            var value = (await before.NewInstance().First.EnsureAsync(file, default)).Value!;
            await using var given = await GivenTokens.StartAsync();
            var one = given.NewInstance();

            Assert.Equal(new FirstAdminAnswer(null, null), await one.First.EnsureAsync(file, default));
            Assert.Equal(value, AdminTokenFile.Read(file));
            Assert.True(await one.AdmitsAsync(value));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

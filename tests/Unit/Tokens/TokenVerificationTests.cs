using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Tokens;

public sealed class TokenVerificationTests
{
    [Fact]
    public async Task A_known_value_and_an_unknown_one_cost_one_read_each_and_none_while_they_are_cached()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (_, value) = await one.MakeAsync();
        var unknown = TokenValue.New(TokenValue.Service, Chance.System);

        // The first use also notes itself: a read and a write.
        Assert.Equal(3, await CallsAsync(given, () => one.AdmitsAsync(value)));
        Assert.Equal(1, await CallsAsync(given, () => one.AdmitsAsync(unknown)));
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(0, await CallsAsync(given, () => one.AdmitsAsync(value)));
            Assert.Equal(0, await CallsAsync(given, () => one.AdmitsAsync(unknown)));
            given.Time.Advance(TimeSpan.FromSeconds(9));
        }

        given.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, await CallsAsync(given, () => one.AdmitsAsync(value)));
        Assert.Equal(1, await CallsAsync(given, () => one.AdmitsAsync(unknown)));
        foreach (var text in (string[])["", "pct_", "pcx_" + unknown[4..], unknown + "0", unknown[..^1] + "G", "x"])
        {
            Assert.Equal(0, await CallsAsync(given, () => one.AdmitsAsync(text)));
        }
    }

    [Fact]
    public async Task A_deleted_token_is_refused_at_once_where_it_was_deleted_and_elsewhere_within_30_seconds()
    {
        await using var given = await GivenTokens.StartAsync();
        var (one, other) = (given.NewInstance(), given.NewInstance());
        var (id, value) = await one.MakeAsync();
        Assert.True(await one.AdmitsAsync(value) && await other.AdmitsAsync(value));

        Assert.Null(await one.Store.DeleteAsync(id, default));

        Assert.False(await one.AdmitsAsync(value));
        Assert.True(await other.AdmitsAsync(value));
        given.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(await other.AdmitsAsync(value));
        Assert.DoesNotContain(await RowsAsync(given), key => key.Contains(id, StringComparison.Ordinal) || key.StartsWith("hash|", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_read_before_a_deletion_is_not_kept_after_it()
    {
        var cache = new TokenCache(TimeProvider.System);
        var grant = new Grant(new("id", "x", Scope.Admin, AllowedNamespaces.All), null);
        var changes = cache.Changes;

        cache.Forget("hash");
        cache.Put("hash", grant, TimeProvider.System.GetTimestamp(), changes);

        Assert.False(cache.TryGet("hash", out _));
        cache.Put("hash", grant, TimeProvider.System.GetTimestamp(), cache.Changes);
        Assert.True(cache.TryGet("hash", out var kept));
        Assert.Same(grant, kept);
    }

    [Fact]
    public void The_cache_is_bounded_and_unknown_values_push_out_no_known_one()
    {
        var cache = new TokenCache(TimeProvider.System);
        cache.Put("good", new(new("id", "x", Scope.Admin, AllowedNamespaces.All), null), TimeProvider.System.GetTimestamp(), 0);
        for (var n = 0; n < 3 * TokenCache.Most; n++)
        {
            cache.Put($"bad {n}", null, TimeProvider.System.GetTimestamp(), 0);
        }

        Assert.InRange(cache.Count, 1, TokenCache.Most + 1);
        Assert.True(cache.TryGet("good", out var grant) && grant is not null);
    }

    [Fact]
    public async Task An_expired_one_is_refused_to_the_second_though_it_is_cached()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (_, value) = await one.MakeAsync(new() { Description = "x", ExpiresAt = given.Time.GetUtcNow().AddSeconds(10) });
        Assert.True(await one.AdmitsAsync(value));

        given.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(await one.AdmitsAsync(value));
        given.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await one.AdmitsAsync(value));
    }

    [Fact]
    public async Task The_last_use_is_written_at_most_once_a_minute_by_all_instances_together()
    {
        await using var given = await GivenTokens.StartAsync();
        var (one, other) = (given.NewInstance(), given.NewInstance());
        var (id, value) = await one.MakeAsync();
        given.Storage.Writes.Clear();

        for (var n = 0; n < 30; n++)
        {
            Assert.True(await one.AdmitsAsync(value) && await other.AdmitsAsync(value));
            given.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(given.Storage.Writes.Count, 4, 5);
        Assert.InRange(given.Time.GetUtcNow() - (await one.Store.FindAsync(id, default))!.LastUsedAt!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1.5));
    }

    [Fact]
    public async Task A_last_use_that_cannot_be_written_fails_no_request()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (_, value) = await one.MakeAsync();

        // Storage goes away between the read of the value and the note.
        given.Storage.AfterRead = () => given.Storage.IsAway = true;
        var asked = one.AdmitsAsync(value);
        while (!asked.IsCompleted)
        {
            given.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await asked);
    }

    [Fact]
    public async Task A_row_that_a_later_version_wrote_admits_nobody()
    {
        await using var given = await GivenTokens.StartAsync();
        var one = given.NewInstance();
        var (_, value) = await one.MakeAsync();
        var row = (await given.Table.FindAsync(TokenRow.Partition, TokenRow.KeyOfHash(TokenValue.HashOf(value)), default))!;
        row["v"] = 2;
        await given.Table.WriteAsync([Change.Replace(row, row.ETag)], default);

        Assert.False(await one.AdmitsAsync(value));
    }

    private static async Task<int> CallsAsync(GivenTokens given, Func<Task> act)
    {
        var before = given.Storage.Calls;
        await act();
        return given.Storage.Calls - before;
    }

    internal static async Task<List<string>> RowsAsync(GivenTokens given)
    {
        List<string> keys = [];
        await foreach (var row in given.Table.QueryAsync($"PartitionKey eq '{TokenRow.Partition}'", null, default))
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}

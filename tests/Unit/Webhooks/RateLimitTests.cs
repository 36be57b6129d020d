using System.Net;
using Pushcart.Resources;
using Pushcart.Tests.Support;
using Pushcart.Webhooks;

namespace Pushcart.Tests.Unit.Webhooks;

public sealed class RateLimitTests
{
    private readonly ManualTime _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("/")]
    [InlineData("1")]
    [InlineData("1/")]
    [InlineData("/1")]
    [InlineData("1/0")]
    [InlineData("0/1")]
    [InlineData("q/w")]
    [InlineData("1/2/3")]
    [InlineData("-1/1")]
    [InlineData("1 / 1")]
    [InlineData("99999999999/1")]
    public void What_is_no_limit_is_refused(string? text) => Assert.False(RateLimit.TryParse(text, out _));

    [Fact]
    public void One_in_ten_seconds_is_one_and_then_one_each_ten_seconds()
    {
        var buckets = Buckets("1/10");

        Assert.Null(buckets.Take("a"));
        Assert.Equal(TimeSpan.FromSeconds(10), buckets.Take("a"));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(1), buckets.Take("a"));
        Assert.Null(buckets.Take("b"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(buckets.Take("a"));
        Assert.NotNull(buckets.Take("a"));
    }

    [Theory]
    [InlineData("10/100", 10, 10)]
    [InlineData("3/10", 3, 10 / 3.0)]
    [InlineData("7/1", 7, 1 / 7.0)]
    public void A_burst_at_once_and_then_one_back_each_time(string limit, int burst, double each)
    {
        var buckets = Buckets(limit);
        Assert.All(Enumerable.Range(0, burst), _ => Assert.Null(buckets.Take("a")));
        Assert.NotNull(buckets.Take("a"));

        // However long it rests, no more than the burst.
        _time.Advance(TimeSpan.FromSeconds((2 * each) + 0.001));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => buckets.Take("a") is null));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(burst, Enumerable.Range(0, burst + 5).Count(_ => buckets.Take("a") is null));
    }

    [Fact]
    public void Memory_is_bounded_and_newcomers_share_a_bucket_where_it_is_used_up()
    {
        var buckets = Buckets("1/100");
        Assert.All(Enumerable.Range(0, TokenBuckets.Most), n => Assert.Null(buckets.Take($"caller {n}")));

        Assert.Null(buckets.Take("one too many"));
        Assert.NotNull(buckets.Take("and another"));
        Assert.InRange(buckets.Count, 1, TokenBuckets.Most + 1);

        _time.Advance(TimeSpan.FromSeconds(101));
        Assert.Null(buckets.Take("and another"));
        Assert.Equal(1, buckets.Count);
    }

    [Fact]
    public void Without_a_limit_nobody_is_counted()
    {
        var buckets = new TokenBuckets(null, _time);

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Null(buckets.Take("a")));
        Assert.Equal(0, buckets.Count);
    }

    [Fact]
    public void A_call_that_the_source_refuses_costs_the_trigger_nothing()
    {
        var limits = new HookLimits(new() { TriggerLimit = "2/100", SourceLimit = "1/100" }, _time);
        var trigger = new ResourceName(ResourceKind.WebhookTrigger, "default", "app");

        Assert.Null(limits.TakeOf(trigger, "a"));
        Assert.NotNull(limits.TakeOf(trigger, "a"));
        Assert.NotNull(limits.TakeOf(trigger, "a"));
        Assert.Null(limits.TakeOf(trigger, "b"));
        Assert.NotNull(limits.TakeOf(trigger, "c"));
        Assert.Null(limits.TakeOf(new(ResourceKind.WebhookTrigger, "other", "app"), "a"));
    }

    [Fact]
    public void A_network_of_ipv6_is_one_caller_and_so_is_an_address_in_either_form()
    {
        var limits = new HookLimits(new() { GlobalLimit = "1/100" }, _time);

        Assert.Null(limits.TakeFrom(IPAddress.Parse("2001:db8::1")));
        Assert.NotNull(limits.TakeFrom(IPAddress.Parse("2001:db8::ffff:2")));
        Assert.Null(limits.TakeFrom(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Null(limits.TakeFrom(IPAddress.Parse("203.0.113.1")));
        Assert.NotNull(limits.TakeFrom(IPAddress.Parse("::ffff:203.0.113.1")));
        Assert.Null(limits.TakeFrom(null));
        Assert.NotNull(limits.TakeFrom(null));
    }

    private TokenBuckets Buckets(string limit) => new(RateLimit.TryParse(limit, out var read) ? read : throw new FormatException(limit), _time);
}

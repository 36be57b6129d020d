namespace Pushcart.Tests.Unit.Resources;

public sealed class DurationTests
{
    [Theory]
    [InlineData("1s", 1)]
    [InlineData("10s", 10)]
    [InlineData("5m", 300)]
    [InlineData("5h30m25s", 19825)]
    [InlineData("1day 2h", 93600)]
    [InlineData("1 day 2 hours", 93600)]
    [InlineData("2weeks", 1209600)]
    [InlineData("1M", 2630016)]
    [InlineData("1year", 31557600)]
    [InlineData("1500ms 500ms", 2)]
    [InlineData("366d", 31622400)]
    [InlineData(" 90s ", 90)]
    public void An_interval_is_pairs_of_number_and_unit(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var value, out var error), error);
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("0s", "shorter than 1s")]
    [InlineData("0", "a unit is missing")]
    [InlineData("999ms", "shorter than 1s")]
    [InlineData("1500ms", "no whole number of seconds")]
    [InlineData("367d", "longer than 366 days")]
    [InlineData("999999999999y", "longer than 366 days")]
    [InlineData("9999999999999999999999s", "is no duration")]
    [InlineData("", "is no duration")]
    [InlineData("5", "a unit is missing")]
    [InlineData("m", "is no duration")]
    [InlineData("5x", "is no duration")]
    [InlineData("-5m", "is no duration")]
    [InlineData("1.5h", "is no duration")]
    [InlineData("5m,3s", "is no duration")]
    [InlineData("00:05:00", "is no duration")]
    [InlineData("5H", "is no duration")]
    public void Everything_else_is_an_error_that_shows_the_value(string text, string message)
    {
        Assert.False(Duration.TryParse(text, out _, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains($"\"{text}\"", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("30s", 30_000)]
    [InlineData("15m", 900_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("30d", 2_592_000_000)]
    [InlineData("250ms", 250)]
    [InlineData("01:30:00", 5_400_000)]
    [InlineData("1.00:00:00", 86_400_000)]
    [InlineData("00:00:00.5", 500)]
    public void A_setting_may_be_off_and_in_the_form_of_net(string text, long milliseconds)
    {
        Assert.True(Duration.TryParseSetting(text, out var value, out var error), error);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("-00:01:00")]
    [InlineData("00:99:00")]
    [InlineData("")]
    [InlineData("off")]
    [InlineData("99999y")]
    public void A_setting_is_told_what_is_wrong_with_it(string text)
    {
        Assert.False(Duration.TryParseSetting(text, out var value, out var error));
        Assert.Contains($"\"{text}\"", error, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, value);
    }
}

using System.Diagnostics;
using Pushcart.Telemetry;

namespace Pushcart.Tests.Unit.Telemetry;

/// <summary>Spans where nobody listens; where somebody does, a real receiver tells (tests/Real).</summary>
public sealed class TracesTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("rubbish")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    public void Without_a_context_that_can_be_read_there_is_none(string? parent)
    {
        using var span = Traces.Begin("check", parent);

        Assert.Null(span);
        Assert.Null(Traces.Current);
    }

    [Fact]
    public void A_senders_context_goes_on_until_its_span_ends()
    {
        using (Traces.Begin("check", Parent))
        {
            Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", Traces.Current, StringComparison.Ordinal);
            Assert.EndsWith("-01", Traces.Current, StringComparison.Ordinal);
            Assert.NotEqual(Parent, Traces.Current);
            Assert.Equal(55, Traces.Current!.Length);
        }

        Assert.Null(Traces.Current);
    }

    [Fact]
    public void What_a_framework_has_begun_around_it_is_no_context_of_ours()
    {
        using var framework = new Activity("Microsoft.AspNetCore.Hosting.HttpRequestIn").Start();

        Assert.Null(Traces.Current);
        Assert.Null(Traces.Begin("check", null));
        Assert.Same(framework, Activity.Current);
    }
}

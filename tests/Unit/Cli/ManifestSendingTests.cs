using Pushcart.Cli.Resources;

namespace Pushcart.Tests.Unit.Cli;

public sealed class ManifestSendingTests
{
    [Theory]
    [InlineData(1, 100, "1")]
    [InlineData(99, 100, "99")]
    [InlineData(250, 100, "99,99,52")]
    [InlineData(5, 900_000, "2,2,1")]
    [InlineData(2, 3_000_000, "1,1")]
    public void A_request_of_several_holds_at_most_99_documents_and_2_MiB(int count, int bytes, string sizes)
    {
        var parts = ManifestSending.Parts(Enumerable.Range(0, count).Select(i => $"{i:00000}" + new string('x', bytes - 5))).ToList();

        Assert.Equal(sizes, string.Join(',', parts.Select(p => p.Count)));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i:00000}"), parts.SelectMany(p => p).Select(d => d[..5]));
    }
}

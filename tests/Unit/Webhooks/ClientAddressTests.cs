using System.Net;
using Pushcart.Webhooks;

namespace Pushcart.Tests.Unit.Webhooks;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData(null, "127.0.0.1", "6.6.6.6", "127.0.0.1")]
    [InlineData("10.0.0.1", "127.0.0.1", "6.6.6.6", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", "", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", "6.6.6.6", "6.6.6.6")]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1", "6.6.6.6", "6.6.6.6")]
    [InlineData("127.0.0.1", "127.0.0.1", "9.9.9.9, 6.6.6.6", "6.6.6.6")]
    [InlineData("127.0.0.0/8 10.0.0.0/8", "127.0.0.1", "9.9.9.9, 6.6.6.6, 10.1.2.3", "6.6.6.6")]
    [InlineData("127.0.0.1", "127.0.0.1", "6.6.6.6:49152", "6.6.6.6")]
    [InlineData("127.0.0.1", "127.0.0.1", "[2001:db8::1]:49152", "2001:db8::1")]
    [InlineData("127.0.0.1", "127.0.0.1", "6.6.6.6, nonsense", "127.0.0.1")]
    public void Forwarded_headers_are_believed_of_trusted_proxies_only(string? trusted, string connected, string forwarded, string client) =>
        Assert.Equal(IPAddress.Parse(client), new ClientAddress(trusted).Of(IPAddress.Parse(connected), forwarded.Length == 0 ? [] : [forwarded]));

    [Fact]
    public void Several_headers_are_one_list() =>
        Assert.Equal(IPAddress.Parse("6.6.6.6"), new ClientAddress("127.0.0.1 10.0.0.0/8").Of(IPAddress.Loopback, ["9.9.9.9, 6.6.6.6", "10.0.0.1"]));

    [Fact]
    public void What_is_no_address_is_told() => Assert.Contains("'nonsense'", new ClientAddress("10.0.0.1, nonsense").Error, StringComparison.Ordinal);
}

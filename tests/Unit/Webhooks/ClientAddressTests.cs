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

    [Theory]
    [InlineData(true, null, "127.0.0.1", "127.0.0.1", false)]
    [InlineData(true, null, "127.0.0.1", "localhost", false)]
    [InlineData(true, null, "::1", "[::1]", false)]
    [InlineData(true, null, "::ffff:127.0.0.1", "LOCALHOST", false)]
    [InlineData(true, "10.0.0.0/8", "127.0.0.1", "localhost", false)]
    [InlineData(false, null, null, "localhost", false)]
    [InlineData(false, null, "10.1.2.3", "localhost", false)]
    [InlineData(false, null, "::ffff:10.1.2.3", "localhost", false)]
    [InlineData(false, null, "127.0.0.1", "localhost", true)]
    [InlineData(false, null, "127.0.0.1", "pushcart.example.com", false)]
    [InlineData(false, null, "127.0.0.1", "localhost.example.com", false)]
    [InlineData(false, null, "127.0.0.1", "10.1.2.3", false)]
    [InlineData(false, null, "127.0.0.1", "", false)]
    [InlineData(false, null, "127.0.0.1", null, false)]
    [InlineData(false, "127.0.0.1", "127.0.0.1", "localhost", false)]
    [InlineData(false, "127.0.0.0/8", "::ffff:127.0.0.1", "localhost", false)]
    public void Only_what_connects_by_loopback_with_no_sign_of_a_proxy_is_of_this_machine(bool expected, string? trusted, string? connected, string? host, bool forwarded) =>
        Assert.Equal(expected, new ClientAddress(trusted).IsThisMachine(connected is null ? null : IPAddress.Parse(connected), host, forwarded));
}

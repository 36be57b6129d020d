using System.Net;

namespace Pushcart.Webhooks;

/// <summary>Who calls, where proxies stand in between: forwarded headers are believed of those only that configuration names (<c>Host:TrustedProxies</c>).</summary>
public sealed class ClientAddress
{
    private readonly List<IPNetwork> _trusted = [];

    /// <param name="trusted">Addresses and networks, separated by commas or spaces; null or empty: none.</param>
    public ClientAddress(string? trusted)
    {
        foreach (var part in (trusted ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(part, out var address))
            {
                _trusted.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(part, out var network))
            {
                _trusted.Add(network);
            }
            else
            {
                Error = $"Host:TrustedProxies: '{part}' is no address, such as 10.1.2.3, and no network, such as 10.0.0.0/8";
            }
        }
    }

    /// <summary>What is wrong with the setting; null: nothing.</summary>
    public string? Error { get; }

    /// <summary>
    /// The client: who has connected; or, where that is a trusted proxy, the first address of <c>X-Forwarded-For</c>, from the right, that is not one. What stands further left anybody may
    /// have written. Under the standalone host, which has done the same already, nothing is left to do.
    /// </summary>
    public IPAddress? Of(IPAddress? connected, IEnumerable<string> forwardedFor)
    {
        var client = connected;
        foreach (var hop in forwardedFor.SelectMany(line => line.Split(',')).Reverse())
        {
            if (client is null || !IsTrusted(client) || Read(hop.Trim()) is not { } before)
            {
                break;
            }

            client = before;
        }

        return client;
    }

    /// <summary>Headers that some proxy on the way adds: a request with one of them comes from further away than who has connected.</summary>
    public static IReadOnlyList<string> Forwarding { get; } =
        ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Original-Proto", "X-Real-IP"];

    /// <summary>
    /// True where a program of this machine calls: it has connected by loopback, to a name of loopback, and nothing shows a proxy in between. A proxy on this machine connects by loopback too, for
    /// callers from anywhere: one that is trusted never counts, and one that nobody has named is known by the headers that it adds, or by the name that its callers asked for.
    /// </summary>
    /// <param name="connected">Who has connected, as the host tells it.</param>
    /// <param name="host">The name in the header <c>Host</c>, without port.</param>
    /// <param name="forwarded">True where the request has one of <see cref="Forwarding"/>.</param>
    public bool IsThisMachine(IPAddress? connected, string? host, bool forwarded) =>
        connected is not null && IPAddress.IsLoopback(Plain(connected)) && !IsTrusted(connected) && !forwarded
        && (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host?.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private bool IsTrusted(IPAddress address)
    {
        var plain = Plain(address);
        return _trusted.Any(network => network.Contains(plain));
    }

    // Azure's front ends write the port too.
    private static IPAddress? Read(string hop) => IPAddress.TryParse(hop, out var address) ? address : IPEndPoint.TryParse(hop, out var point) ? point.Address : null;
}

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

    private bool IsTrusted(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _trusted.Any(network => network.Contains(plain));
    }

    // Azure's front ends write the port too.
    private static IPAddress? Read(string hop) => IPAddress.TryParse(hop, out var address) ? address : IPEndPoint.TryParse(hop, out var point) ? point.Address : null;
}

using System.Net;
using System.Net.Sockets;
using Pushcart.Resources;

namespace Pushcart.Webhooks;

/// <summary>The three limits of calls, counted by this instance for itself: by address, by trigger, by source. They cost no call of storage.</summary>
public sealed class HookLimits(WebhookSettings settings, TimeProvider time)
{
    private readonly TokenBuckets _global = Buckets(settings.GlobalLimit, time);
    private readonly TokenBuckets _triggers = Buckets(settings.TriggerLimit, time);
    private readonly TokenBuckets _sources = Buckets(settings.SourceLimit, time);

    /// <summary>Takes a call of an address. One network of IPv6 (/64) is one caller: that is what one machine is given.</summary>
    /// <returns>Null where it may call; otherwise how long until it may.</returns>
    public TimeSpan? TakeFrom(IPAddress? client) => _global.Take(CallerOf(client));

    /// <summary>Takes a call of a trigger and one of its source: both, or none. It is asked only once the caller has proved who it is.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="source">A source that the trigger has; null: all of them, or none that it has.</param>
    /// <returns>Null where it may be called; otherwise how long until it may.</returns>
    public TimeSpan? TakeOf(ResourceName trigger, string? source)
    {
        var name = trigger.ToString();
        if (_triggers.Take(name) is { } wait)
        {
            return wait;
        }

        if (source is null || _sources.Take($"{name} {source}") is not { } sourceWait)
        {
            return null;
        }

        _triggers.GiveBack(name);
        return sourceWait;
    }

    private static TokenBuckets Buckets(string limit, TimeProvider time) => new(RateLimit.TryParse(limit, out var read) ? read : null, time);

    private static string CallerOf(IPAddress? client)
    {
        var address = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client;
        return address is { AddressFamily: AddressFamily.InterNetworkV6 } ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8)) : address?.ToString() ?? "unknown";
    }
}

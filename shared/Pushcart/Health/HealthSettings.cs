using Pushcart.Settings;

namespace Pushcart.Health;

/// <summary>What a host shows of itself, and how often it reads storage for it.</summary>
public sealed record HealthSettings
{
    /// <summary>Whether <c>GET metrics</c> asks for no token. Default false: it takes the scope <c>read</c> for all namespaces, but for callers on this machine.</summary>
    [Setting("Metrics:Anonymous")]
    public bool Anonymous { get; init; }

    /// <summary>How old what metrics show of storage may be, before a request for them reads it anew (about 13 calls). Default 15 s.</summary>
    [Setting("Metrics:ReadEvery", Minimum = "1s", Maximum = "1h")]
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the answer of <c>GET healthz/ready</c> is kept, so that whoever asks often costs nothing. 5 s; not a setting.</summary>
    public static TimeSpan ReadyKept { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How long storage and executor may take to answer it. 3 s; not a setting: a probe of Kubernetes waits 5 s here.</summary>
    public static TimeSpan AnswerWithin { get; } = TimeSpan.FromSeconds(3);
}

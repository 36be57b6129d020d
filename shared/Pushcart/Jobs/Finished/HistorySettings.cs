using Pushcart.Settings;

namespace Pushcart.Jobs.Finished;

/// <summary>How long history is kept.</summary>
public sealed record HistorySettings
{
    /// <summary>A finished job is kept that long after its end; 0: for ever. Default 30 days.</summary>
    [Setting("History:Expiration", Minimum = "1s", ZeroIsOff = true)]
    public TimeSpan Expiration { get; init; } = TimeSpan.FromDays(30);
}

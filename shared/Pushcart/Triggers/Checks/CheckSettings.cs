using Pushcart.Settings;

namespace Pushcart.Triggers.Checks;

/// <summary>Durations and limits of checks.</summary>
public sealed record CheckSettings
{
    /// <summary>Wait after a source's first failure; it doubles up to <see cref="BackOffMost"/>, and is shortened by up to a fifth, so that not all sources come at once. Default 1 min; at most <see cref="BackOffMost"/>.</summary>
    [Setting("Checks:BackOff", Minimum = "1s", Maximum = "1h")]
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait between two tries of a source that fails. Default 30 min.</summary>
    [Setting("Checks:BackOffMost", Minimum = "1s", Maximum = "24h")]
    public TimeSpan BackOffMost { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a failed check is owed before it is given up. Default 3 days.</summary>
    [Setting("Checks:Owed", Minimum = "1m", Maximum = "30d")]
    public TimeSpan Owed { get; init; } = TimeSpan.FromDays(3);

    /// <summary>A reference that falls back to the commit before within this time of a change is looked at twice. Default 2 min.</summary>
    [Setting("Checks:Confirm", Minimum = "0", Maximum = "1h", ZeroIsOff = true)]
    public TimeSpan Confirm { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long after the first look the second one is; no replica of a remote lags for as long. Default 10 s.</summary>
    [Setting("Checks:ConfirmAfter", Minimum = "1s", Maximum = "10m")]
    public TimeSpan ConfirmAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a commit that an event announced is looked for, where the remote does not show it yet. Default 2 min.</summary>
    [Setting("Checks:LookFor", Maximum = "1h", ZeroIsOff = true)]
    public TimeSpan LookFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an event is kept after its last outcome: so long a second delivery of it is known, and its task can be asked for. Default 3 days.</summary>
    [Setting("Checks:DeliveriesKept", Minimum = "1h", Maximum = "30d")]
    public TimeSpan DeliveriesKept { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long one message may be worked on; what is not done by then is sent as a new message. Default 60 s.</summary>
    [Setting("Checks:MessageTime", Minimum = "15s", Maximum = "5m")]
    public TimeSpan MessageTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a change any other commit is looked at twice: as long as a replica may lag, and clocks may be apart. Twice <see cref="ConfirmAfter"/>.</summary>
    public TimeSpan LagsFor => 2 * ConfirmAfter;

    /// <summary>A due instant that lies further in the future than this is not acted on: some clock is wrong. 1 min.</summary>
    public static TimeSpan ClockTolerance { get; } = TimeSpan.FromMinutes(1);

    /// <summary>An answer of git that was asked for longer ago than this is not acted on: git is asked again. 20 s, more than a request may take.</summary>
    public static TimeSpan AnswerHolds { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Remotes that are asked at a time. 16.</summary>
    public const int RemotesAtOnce = 16;

    /// <summary>Remotes that one message may hold. 32.</summary>
    public const int RemotesInMessage = 32;

    /// <summary>Messages in <c>checks</c> above which a tick sends nothing and leaves its record. 1,000.</summary>
    public const int QueueFull = 1_000;

    /// <summary>Checks the relations between the settings.</summary>
    public void Check(SettingsReader reader) =>
        reader.Require(BackOff <= BackOffMost, $"Checks:BackOff: {BackOff} is more than Checks:BackOffMost ({BackOffMost})");
}

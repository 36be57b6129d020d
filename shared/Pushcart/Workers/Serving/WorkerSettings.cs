using Pushcart.Jobs;
using Pushcart.Settings;

namespace Pushcart.Workers.Serving;

/// <summary>Settings of registered workers, on the server's side.</summary>
public sealed record WorkerSettings
{
    /// <summary>How long a worker token is good. Default 20 min; a worker's check-in interval is shorter.</summary>
    [Setting("Workers:TokenLife", Minimum = "10s", Maximum = "24h")]
    public TimeSpan TokenLife { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a registration token is good. Default 10 min.</summary>
    [Setting("Workers:RegistrationLife", Minimum = "1s", Maximum = "24h")]
    public TimeSpan RegistrationLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after its last check-in a registered worker may come back by the key that it made at registration. Default 7 days; 0: never.</summary>
    [Setting("Workers:Rejoin", Minimum = "1s", Maximum = "365d", ZeroIsOff = true)]
    public TimeSpan Rejoin { get; init; } = TimeSpan.FromDays(7);

    /// <summary>True where only registered workers may claim, and a service token will not do. Default false.</summary>
    [Setting("Workers:RequireRegistration")]
    public bool RequireRegistration { get; init; }

    /// <summary>True where a claim waits for a job, up to <see cref="LongestWait"/>, if the worker asks for that. Default true; under Azure Functions false, for a held request is paid.</summary>
    [Setting("Workers:LongPoll")]
    public bool LongPoll { get; init; } = true;

    /// <summary>How long a claim waits at most: 20 s.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(20);

    /// <summary>A job's row is written for signs of life and progress at most once in so long: a twelfth of the lease, 5 s by default.</summary>
    public static TimeSpan ProgressEach(JobSettings jobs) => jobs.Lease / 12;

    /// <summary>Check-ins that may be missing before a worker counts as offline: 3.</summary>
    public const int MissedCheckIns = 3;

    /// <summary>A pod of a shared name that was not seen for so long goes: 1 h.</summary>
    public static TimeSpan PodsKept { get; } = TimeSpan.FromHours(1);
}

using Pushcart.Jobs;

namespace Pushcart.Health;

/// <summary>What storage said of the whole installation, at one time.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Jobs">How many live jobs there are in each state.</param>
/// <param name="SourcesFailing">Sources of triggers that failed three times in a row, or more, and have not answered since.</param>
/// <param name="Queues">The queues.</param>
/// <param name="DeadLetters">Messages that could not be read; at most <see cref="InstallationState.MostCounted"/>.</param>
/// <param name="TokensExpiring">Tokens that expire in less than 14 days, and have not yet.</param>
/// <param name="Ticks">The last tick of each timer.</param>
internal sealed record InstallationReading(
    DateTimeOffset At,
    IReadOnlyDictionary<JobState, int> Jobs,
    int SourcesFailing,
    IReadOnlyList<QueueReading> Queues,
    int DeadLetters,
    int TokensExpiring,
    IReadOnlyDictionary<string, DateTimeOffset> Ticks);

/// <summary>What a queue said.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Messages">About how many messages it has, hidden ones too.</param>
/// <param name="Oldest">When the oldest that can be seen was sent; null: none can be.</param>
internal sealed record QueueReading(string Name, int Messages, DateTimeOffset? Oldest);

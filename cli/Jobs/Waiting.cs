using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary>Looks at something again and again. A server that is away for a moment, as while it is restarted, does not end the waiting.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_away = TimeSpan.FromMinutes(2);

    /// <summary>Waits until what is looked at is as it should be.</summary>
    /// <param name="session">The server.</param>
    /// <param name="path">What is looked at.</param>
    /// <param name="isReached">True once it is as it should be.</param>
    /// <param name="deadline">How long; null: as long as it takes.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>What was seen last, and whether it is as it should be.</returns>
    /// <exception cref="CommandException">It is refused, or the server has been away for 2 minutes.</exception>
    public static async Task<(JsonNode Last, bool Reached)> UntilAsync(Session session, string path, Func<JsonNode, bool> isReached, DateTimeOffset? deadline, CancellationToken cancellation)
    {
        var (pause, heard, last) = (s_first, session.Time.GetUtcNow(), (JsonNode?)null);
        while (true)
        {
            try
            {
                last = await session.Api.GetAsync(path, cancellation);
                heard = session.Time.GetUtcNow();
                if (isReached(last))
                {
                    session.Notices.Clear();
                    return (last, true);
                }
            }
            catch (CommandException e) when (e.Code == ExitCode.Unreachable && session.Time.GetUtcNow() - heard < s_away)
            {
                session.Notices.Progress($"waiting for the server: {e.Message}");
            }

            if (last is not null && session.Time.GetUtcNow() > deadline)
            {
                session.Notices.Clear();
                return (last, false);
            }

            await Task.Delay(pause, session.Time, cancellation);
            pause = pause * 1.3 < s_longest ? pause * 1.3 : s_longest;
        }
    }
}

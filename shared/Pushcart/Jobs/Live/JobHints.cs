using Pushcart.Storage;

namespace Pushcart.Jobs.Live;

/// <summary>
/// Hints that a job can be claimed. One of the built-in worker gets a message; one that asks for a registered worker gets none, but whoever waits for it in this process is told.
/// </summary>
public sealed class JobHints(MessageQueue queue, WaitingClaims waiting)
{
    /// <summary>Hints.</summary>
    /// <param name="job">A queued job. A message carries it where it has its version and what it was submitted with.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task SendAsync(Job job, CancellationToken cancellation)
    {
        if (!job.IsRouted)
        {
            return queue.SendAsync(JobMessage.Write(job), TimeSpan.Zero, cancellation);
        }

        waiting.Tell([job]);
        return Task.CompletedTask;
    }

    /// <summary>Tells those who wait of jobs that could be claimed now; a message is sent for none.</summary>
    /// <param name="ready">Jobs that are <see cref="Startable.Ready"/>.</param>
    public void Tell(IEnumerable<Job> ready) => waiting.Tell([.. ready.Where(job => job.IsRouted)]);

    /// <summary>Sends a message of the built-in worker again, later.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">How much later.</param>
    /// <param name="cancellation">Ends the call.</param>
    internal Task LaterAsync(string message, TimeSpan delay, CancellationToken cancellation) => queue.SendAsync(message, delay, cancellation);
}

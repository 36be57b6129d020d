using Microsoft.Extensions.Logging;
using Pushcart.Storage;

namespace Pushcart.Jobs.Live;

/// <summary>What becomes of messages of <c>jobs</c> that failed too often: a job's row is there and Observe sends it again; what cannot be read is kept for a person.</summary>
public sealed class PoisonJobs(DeadLetters dead, ILogger<PoisonJobs> log)
{
    /// <summary>Handles one message of <c>jobs-poison</c>.</summary>
    public async Task HandleAsync(string message, CancellationToken cancellation)
    {
        try
        {
            var (_, id, _) = JobMessage.Read(message);
            log.LogWarning("job {Id}: its message failed too often; as long as it is queued, Observe sends it again", id);
        }
        catch (InvalidDataException e)
        {
            await dead.KeepAsync(QueueNames.Jobs, message, e.Message, cancellation).ConfigureAwait(false);
        }
    }
}

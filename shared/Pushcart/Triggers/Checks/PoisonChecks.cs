using Pushcart.Storage;

namespace Pushcart.Triggers.Checks;

/// <summary>What becomes of messages of <c>checks</c> that failed too often: what can be read is owed from now on, the rest is kept for a person.</summary>
public sealed class PoisonChecks(Checking checking, DeadLetters dead)
{
    /// <summary>Handles one message of <c>checks-poison</c>.</summary>
    public async Task HandleAsync(string message, CancellationToken cancellation)
    {
        try
        {
            await checking.OweAsync(message, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            await dead.KeepAsync(QueueNames.Checks, message, e.Message, cancellation).ConfigureAwait(false);
        }
    }
}

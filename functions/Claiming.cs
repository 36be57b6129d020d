using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs.Live;

namespace Pushcart.Functions;

/// <summary>The built-in worker.</summary>
public sealed class ClaimingFunctions(Claiming claiming, PoisonJobs poison)
{
    /// <summary>Claims a job and creates its run.</summary>
    [Function("Claim")]
    public Task Claim([QueueTrigger("%Storage:Prefix%jobs")] string message, CancellationToken cancellation) => claiming.HandleAsync(message, cancellation);

    /// <summary>Keeps messages that cannot be read.</summary>
    [Function("JobPoison")]
    public Task JobPoison([QueueTrigger("%Storage:Prefix%jobs-poison")] string message, CancellationToken cancellation) =>
        poison.HandleAsync(message, cancellation);
}

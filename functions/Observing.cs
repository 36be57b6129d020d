using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs.Live;

namespace Pushcart.Functions;

/// <summary>What looks after everything alive.</summary>
public sealed class ObservingFunctions(Observing observing)
{
    /// <summary>Makes a pass.</summary>
    [Function("Observe")]
    public Task Observe([TimerTrigger("%Observe:Schedule%")] TimerInfo timer, CancellationToken cancellation) => observing.PassAsync(cancellation);
}

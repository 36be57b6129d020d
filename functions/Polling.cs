using Microsoft.Azure.Functions.Worker;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;

namespace Pushcart.Functions;

/// <summary>What starts jobs by schedule.</summary>
public sealed class PollingFunctions(Polling polling, Checking checking, PoisonChecks poison)
{
    /// <summary>Sends the checks that are due.</summary>
    [Function("Poll")]
    public Task Poll([TimerTrigger("%Poll:Schedule%")] TimerInfo timer, CancellationToken cancellation) => polling.TickAsync(cancellation);

    /// <summary>Makes checks.</summary>
    [Function("Check")]
    public Task Check([QueueTrigger("%Storage:Prefix%checks")] string message, CancellationToken cancellation) => checking.HandleAsync(message, cancellation);

    /// <summary>Owes checks whose message failed too often.</summary>
    [Function("CheckPoison")]
    public Task CheckPoison([QueueTrigger("%Storage:Prefix%checks-poison")] string message, CancellationToken cancellation) =>
        poison.HandleAsync(message, cancellation);
}

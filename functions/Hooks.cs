using Microsoft.Azure.Functions.Worker;
using Pushcart.Storage;
using Pushcart.Webhooks.Managed;

namespace Pushcart.Functions;

/// <summary>What keeps managed webhooks.</summary>
public sealed class HooksFunctions(ManagedHooks hooks, TimerTicks ticks)
{
    /// <summary>Makes, repairs and removes webhooks, and asks for failed deliveries again.</summary>
    [Function("Hooks")]
    public async Task Hooks([TimerTrigger("%Hooks:Schedule%")] TimerInfo timer, CancellationToken cancellation)
    {
        await ticks.NoteAsync(TimerTicks.Hooks, cancellation);
        await hooks.PassAsync(cancellation);
    }
}

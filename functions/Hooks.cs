using Microsoft.Azure.Functions.Worker;
using Pushcart.Webhooks.Managed;

namespace Pushcart.Functions;

/// <summary>What keeps managed webhooks.</summary>
public sealed class HooksFunctions(ManagedHooks hooks)
{
    /// <summary>Makes, repairs and removes webhooks, and asks for failed deliveries again.</summary>
    [Function("Hooks")]
    public Task Hooks([TimerTrigger("%Hooks:Schedule%")] TimerInfo timer, CancellationToken cancellation) => hooks.PassAsync(cancellation);
}

using Pushcart.Execution;
using Pushcart.Jobs.Live;

namespace Pushcart.Workers.Serving;

/// <summary>The workers of a server that runs no job itself: what asks for no worker is run by nobody.</summary>
/// <param name="registered">The registered ones.</param>
public sealed class OnlyRegistered(IKnownWorkers registered) : IKnownWorkers
{
    /// <inheritdoc/>
    public Task<string?> WhyNoneAsync(string? worker, string? labels, string? ns, CancellationToken cancellation) =>
        worker is null && labels is null ? Task.FromResult<string?>(NoExecutor.Why) : registered.WhyNoneAsync(worker, labels, ns, cancellation);
}

namespace Pushcart.Jobs.Live;

/// <summary>The registered workers, as jobs need them: is there one that could take it?</summary>
public interface IKnownWorkers
{
    /// <summary>Why no worker takes a job now: none is known that it asks for, or all are away, or it asks for none and the server runs no job itself; null where one is there.</summary>
    /// <param name="worker">The name that it asks for; null: none.</param>
    /// <param name="labels">The labels that it asks for, as <see cref="WorkerLabels"/> writes them; null: none.</param>
    /// <param name="ns">Its namespace; null: any.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<string?> WhyNoneAsync(string? worker, string? labels, string? ns, CancellationToken cancellation);
}

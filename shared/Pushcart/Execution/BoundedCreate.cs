namespace Pushcart.Execution;

/// <summary>A create that is given up after a while, whatever becomes of it.</summary>
internal static class BoundedCreate
{
    /// <summary>Creates the run, once.</summary>
    /// <param name="executor">Where.</param>
    /// <param name="spec">The run.</param>
    /// <param name="most">How long it may take; then nobody can tell whether the run will be there.</param>
    /// <param name="time">Time.</param>
    /// <param name="cancellation">Ends the call, by an exception.</param>
    public static async Task<CreateAnswer> CreateWithinAsync(this IExecutor executor, RunSpec spec, TimeSpan most, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await executor.CreateAsync(spec, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(CreateResult.Unknown, $"no answer within {most.TotalSeconds:0.#} s");
        }
    }
}

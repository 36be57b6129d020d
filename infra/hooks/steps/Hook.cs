namespace Pushcart.Deployment;

/// <summary>What all hooks have in common: how they are started, and how they end.</summary>
public static class Hook
{
    // Above the sum of what a step waits for, and below what a person does.
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(20);

    /// <summary>Runs a hook as azd starts it: its settings are environment variables.</summary>
    /// <param name="step">What it does.</param>
    /// <returns>The exit code: 1 where it failed, with one line that says why.</returns>
    public static async Task<int> RunAsync(Func<HookContext, CancellationToken, Task> step)
    {
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false };
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        return await RunAsync(step, new HookContext { Handler = handler }, Console.Error, stop.Token).ConfigureAwait(false);
    }

    internal static async Task<int> RunAsync(Func<HookContext, CancellationToken, Task> step, HookContext context, TextWriter errors, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(s_most, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await step(context, both.Token).ConfigureAwait(false);
            return 0;
        }
        catch (HookException fault)
        {
            await errors.WriteLineAsync($"error: {fault.Message}").ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            await errors.WriteLineAsync(limit.IsCancellationRequested ? $"error: not done after {s_most.TotalMinutes:0} minutes; run `azd up` again" : "error: interrupted; run `azd up` again").ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            await errors.WriteLineAsync($"error: {fault.Message}").ConfigureAwait(false);
        }

        return 1;
    }
}

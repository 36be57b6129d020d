namespace Pushcart.Deployment;

/// <summary>What is left to do once the resources are there, and no template can do: each part may be repeated.</summary>
public static class Provisioned
{
    /// <summary>Makes the first admin token, gives the identity its Role, writes the settings of this machine.</summary>
    public static async Task RunAsync(HookContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        await FirstToken.EnsureAsync(context, cancellation).ConfigureAwait(false);
        await ClusterRole.ApplyAsync(context, cancellation).ConfigureAwait(false);
        await LocalSettings.WriteAsync(context, cancellation).ConfigureAwait(false);
        if (context.Setting("PUSHCART_NOTE") is { Length: > 0 } note)
        {
            await context.Output.WriteLineAsync(note).ConfigureAwait(false);
        }
    }
}

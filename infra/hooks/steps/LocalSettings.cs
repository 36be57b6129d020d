namespace Pushcart.Deployment;

/// <summary>The settings of a developer's machine. They name storage of that machine: a host of a laptop that shared the deployed one's would take its jobs.</summary>
internal static class LocalSettings
{
    /// <summary>Writes <c>local.settings.json</c> from its sample, where there is none.</summary>
    public static async Task WriteAsync(HookContext context, CancellationToken cancellation)
    {
        var path = Path.Combine(context.Project, "local.settings.json");
        if (File.Exists(path))
        {
            return;
        }

        await File.WriteAllTextAsync(path, await File.ReadAllTextAsync(Path.Combine(context.Project, "local.settings.sample.json"), cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        await context.Output.WriteLineAsync("Wrote local.settings.json, to run Pushcart on this machine with storage of its own.").ConfigureAwait(false);
    }
}

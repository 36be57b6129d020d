namespace Pushcart.Deployment;

/// <summary>What a hook finds around it: the settings of the azd environment, which are outputs of infra/main.bicep, and ways to the outside.</summary>
public sealed record HookContext
{
    /// <summary>Reads a setting.</summary>
    public Func<string, string?> Setting { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Where progress is told.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>Runs waits and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Carries requests to Azure and to the app.</summary>
    public required HttpMessageHandler Handler { get; init; }

    /// <summary>Carries requests to a cluster, whose certificate authority in base64 of PEM is given. Whoever asks disposes it.</summary>
    public Func<string, HttpMessageHandler> ClusterHandler { get; init; } = ClusterTrust.Handler;

    /// <summary>Asks azd for a token of a scope.</summary>
    public Func<string, CancellationToken, Task<string>> Token { get; init; } = AzdToken.GetAsync;

    /// <summary>Folder of the project: that of azure.yaml.</summary>
    public string Project { get; init; } = FindProject(Directory.GetCurrentDirectory());

    /// <summary>A setting that must be there.</summary>
    /// <exception cref="HookException">It is not.</exception>
    public string Require(string name) => Setting(name) is { Length: > 0 } value
        ? value
        : throw new HookException($"{name} is not set in the azd environment; it is an output of the resources: run `azd provision` first");

    private static string FindProject(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "azure.yaml")))
            {
                return at.FullName;
            }
        }

        throw new HookException($"no azure.yaml in {folder} or above it; run azd in the folder of the project");
    }
}

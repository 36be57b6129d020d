using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Process;
using Pushcart.Functions;
using Pushcart.Git;

namespace Pushcart.Tests.Support;

/// <summary>
/// One process of an installation: the product as it composes itself, with its clock, its way to storage and its way to git in the test's hands.
/// There is no host: no timer ticks and no queue is listened to.
/// </summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Runs as processes exist on Linux and macOS only, as these tests do.")]
public sealed class InstallationProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    internal InstallationProcess(
        string prefix, string folder, TimeProvider time, Action<string, string?> settings, IConfigurationRoot configuration, Action<IServiceCollection>? change)
    {
        Storage = new InstallationTraffic(prefix, new SocketsHttpHandler());
        Set = settings;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Log));
        services.AddSingleton(time);
        services.AddKeyedSingleton<HttpMessageHandler>(Composition.StorageTransport, Storage);
        var environment = new Development(folder);
        var errors = Composition.AddPushcart(services, configuration, environment, new CommandLine(null, false));
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join('\n', errors), nameof(configuration));
        }

        services.AddSingleton(_ => new GitClient(time, limits: null, _ => Git));
        services.AddSingleton(s => new ProcessExecutor(
            new()
            {
                RunsDirectory = Path.Combine(folder, ".pushcart", "runs"),
                Runner = [Path.Combine(AppContext.BaseDirectory, "Pushcart.Tests.RunSample")],
                StopGrace = TimeSpan.FromSeconds(1),
            },
            s.GetRequiredService<Resources.Installation>().IdAsync,
            TimeProvider.System,
            Chance.System,
            s.GetRequiredService<ILogger<ProcessExecutor>>()));
        change?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    /// <summary>Its operations on storage.</summary>
    public InstallationTraffic Storage { get; }

    /// <summary>Its requests to git servers.</summary>
    public InstallationGitTraffic Git { get; } = new();

    /// <summary>What it logged.</summary>
    public InstallationLog Log { get; } = new();

    /// <summary>Sets a setting; the product reads secrets whenever it needs them.</summary>
    public Action<string, string?> Set { get; }

    /// <summary>A service of the product.</summary>
    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Git.Dispose();
        Storage.Dispose();
    }

    private sealed class Development(string folder) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "Pushcart";

        public string ContentRootPath { get; set; } = folder;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}

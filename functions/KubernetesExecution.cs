using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Resources;
using Pushcart.Settings;

namespace Pushcart.Functions;

/// <summary>The Kubernetes executor, its connection, and the cluster's secrets.</summary>
internal static class KubernetesExecution
{
    /// <summary>Adds it.</summary>
    /// <param name="services">Where.</param>
    /// <param name="reader">Settings; what is wrong with them, or with the kubeconfig, is added to its errors.</param>
    /// <param name="options">The command line, which may name a context.</param>
    /// <param name="secrets">True where secrets are read from the cluster.</param>
    public static void Add(IServiceCollection services, SettingsReader reader, CommandLine options, bool secrets)
    {
        var settings = reader.Read<KubernetesSettings>();
        settings = settings with { Context = options.Context ?? settings.Context };
        var (connection, error) = settings.Connect(TimeProvider.System);
        reader.Require(error is null, $"Executor: {error}");
        if (connection is null)
        {
            return;
        }

        services.AddSingleton(settings);
        services.AddSingleton(connection);
        services.AddSingleton(s => new KubeClient(connection, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Chance>()));
        services.AddSingleton<IExecutor>(s => new KubernetesExecutor(
            s.GetRequiredService<KubeClient>(),
            new() { AllNamespaces = settings.AllNamespaces },
            s.GetRequiredService<Installation>().IdAsync,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<KubernetesExecutor>>()));
        if (secrets)
        {
            services.AddSingleton<ISecrets, KubernetesSecrets>();
        }
    }
}

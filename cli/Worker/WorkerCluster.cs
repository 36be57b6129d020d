using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Process;
using Pushcart.Resources;

namespace Pushcart.Cli.Worker;

/// <summary>Where a worker runs jobs: an executor, with the secrets and the identity of its place.</summary>
/// <param name="executor">Runs jobs.</param>
/// <param name="secrets">Secrets there.</param>
/// <param name="text">What it is, for people.</param>
/// <param name="identity">Asks who it is; an error where nobody answers, or may not.</param>
/// <param name="client">The cluster; null without one.</param>
internal sealed class WorkerCluster(IExecutor executor, ISecrets secrets, string text, Func<CancellationToken, Task<(string? Identity, string? Error, bool Passing)>> identity, KubeClient? client) : IDisposable
{
    /// <summary>Runs jobs.</summary>
    public IExecutor Executor => executor;

    /// <summary>Secrets there.</summary>
    public ISecrets Secrets => secrets;

    /// <summary>The cluster; null without one.</summary>
    public KubeClient? Client => client;

    /// <summary>Opens it; nothing is asked yet.</summary>
    /// <param name="values">Settings.</param>
    /// <param name="plan">The same, looked at.</param>
    /// <param name="installation">The id of the server's installation, once it is known.</param>
    /// <param name="time">The time.</param>
    /// <param name="log">The log.</param>
    public static (WorkerCluster? Cluster, string? Error) Open(WorkerValues values, WorkerPlan plan, Func<CancellationToken, Task<string>> installation, TimeProvider time, ILoggerFactory log)
    {
        if (plan.Executor == "process")
        {
            var root = Path.GetFullPath(Path.Combine(values["content-root"]!, plan.Worker.SharedName));
            var process = new ProcessExecutor(new() { RunsDirectory = Path.Combine(root, "runs") }, installation, time, Chance.System, new Logger<ProcessExecutor>(log));
            var own = values["cluster"] ?? $"{Environment.MachineName}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..16]}";
            return (new(process, new EnvironmentSecrets(Environment.GetEnvironmentVariable), $"process, runs in {root}", _ => Task.FromResult<(string?, string?, bool)>((own, null, false)), null), null);
        }

        var settings = new KubernetesSettings { Kubeconfig = values["kubeconfig"], Context = values["kube-context"], AllNamespaces = values.Has("all-namespaces") };
        var (connection, error) = settings.Connect(time);
        if (connection is null)
        {
            return (null, $"executor: {error?.Replace("--context", "--kube-context", StringComparison.Ordinal).Replace(" or Kubernetes:Context", "", StringComparison.Ordinal)}");
        }

        var client = new KubeClient(connection, time, Chance.System);
        var executor = new KubernetesExecutor(client, new() { AllNamespaces = settings.AllNamespaces }, installation, time, new Logger<KubernetesExecutor>(log));
        return (new(executor, new KubernetesSecrets(client, settings, time), $"kubernetes, {connection}", cancellation => IdentityAsync(client, values["cluster"], cancellation), client), null);
    }

    /// <summary>Who it is: a worker that returns is known by this and its name.</summary>
    /// <returns>The identity; or why it is not known, and whether that may pass.</returns>
    public Task<(string? Identity, string? Error, bool Passing)> IdentityAsync(CancellationToken cancellation) => identity(cancellation);

    /// <inheritdoc/>
    public override string ToString() => text;

    /// <inheritdoc/>
    public void Dispose()
    {
        (executor as IDisposable)?.Dispose();
        client?.Dispose();
    }

    private static async Task<(string? Identity, string? Error, bool Passing)> IdentityAsync(KubeClient client, string? own, CancellationToken cancellation)
    {
        if (own is not null)
        {
            return (own, null, false);
        }

        var answer = await client.GetAsync(KubeResource.Namespaces, null, "kube-system", cancellation);
        return answer.Value?["metadata"]?["uid"]?.GetValue<string>() is { } uid ? (uid, null, false)
            : answer.Failure is { } failure && failure.Kind is KubeFailureKind.Forbidden ? (null, $"cluster: its identity cannot be read: {failure.Message}; or name the cluster by --cluster", false)
            : (null, $"cluster: its identity cannot be read: {answer.Failure?.Message ?? "the namespace kube-system has no uid"}", true);
    }
}

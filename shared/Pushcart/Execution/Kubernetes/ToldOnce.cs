using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Execution.Kubernetes;

/// <summary>Failures without which less is known and nothing else changes: the missing right is told once a namespace, the rest only to who debugs.</summary>
internal sealed class ToldOnce(ILogger log)
{
    private readonly ConcurrentDictionary<(string, string), bool> _told = new();

    /// <summary>Tells it.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="lacking">What is missing now, in a few words.</param>
    /// <param name="failure">Why.</param>
    public void Tell(string ns, string lacking, KubeFailure failure)
    {
        var level = failure.Kind == KubeFailureKind.Forbidden && _told.TryAdd((ns, lacking), true) ? LogLevel.Warning : LogLevel.Debug;
        log.Log(level, "{Lacking} of namespace {Namespace}: {Message}", lacking, ns, failure.Message);
    }
}

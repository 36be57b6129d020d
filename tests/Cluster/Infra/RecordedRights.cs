using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster.Infra;

/// <summary>Sends requests to the cluster, and notes which right each one needs, as the API server reads it from method and path.</summary>
internal sealed class RecordedRights(KubeConnection connection) : DelegatingHandler(Connections(connection))
{
    /// <summary>The rights, as in <c>get pods/log</c>.</summary>
    public ConcurrentDictionary<(string Verb, string Resource), bool> Rights { get; } = new();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Rights[RightOf(request)] = true;
        return base.SendAsync(request, cancellationToken);
    }

    // api(s)/…/namespaces/NS/RESOURCE[/NAME[/SUBRESOURCE]]
    private static (string Verb, string Resource) RightOf(HttpRequestMessage request)
    {
        var rest = request.RequestUri!.AbsolutePath.Split('/').SkipWhile(part => part != "namespaces").Skip(2).ToList();
        Assert.InRange(rest.Count, 1, 3);
        var resource = rest.Count == 3 ? $"{rest[0]}/{rest[2]}" : rest[0];
        return (request.Method.Method switch
        {
            "GET" => rest.Count == 1 ? "list" : "get",
            "POST" => "create",
            "PATCH" => "patch",
            "DELETE" => "delete",
            var other => other,
        }, resource);
    }

    private static SocketsHttpHandler Connections(KubeConnection connection)
    {
        var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        chain.CustomTrustStore.ImportFromPem(connection.Trust.RootsPem);
        return new() { AllowAutoRedirect = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = chain } };
    }
}

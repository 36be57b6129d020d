using System.Net;
using System.Net.Sockets;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>A cluster, and who asks it. Its text form shows no secret.</summary>
public sealed partial class KubeConnection
{
    private static readonly string[] s_localContexts = ["minikube", "docker-desktop", "docker-for-desktop"];
    private static readonly string[] s_localPrefixes = ["kind-", "k3d-"];

    internal KubeConnection(Uri server, KubeTrust trust, IKubeCredentials credentials)
    {
        Server = server;
        Trust = trust;
        Credentials = credentials;
    }

    /// <summary>Name of the context in the kubeconfig; null where there is none (in a cluster, or by address).</summary>
    public string? Context { get; init; }

    /// <summary>Address of the API server.</summary>
    public Uri Server { get; }

    /// <summary>The namespace of the context or of the account; <c>default</c> where none is named.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Where this comes from, for a person: the kubeconfig's path, or the service account.</summary>
    public string Origin { get; init; } = "";

    /// <summary>
    /// True where the cluster is surely one of this machine: the server stands on a loopback address, or the context is named as kind, k3d, minikube and
    /// Docker Desktop name theirs and the server has no public address.
    /// </summary>
    public bool IsLocal => IsLoopback(Server) || (IsLocalName(Context) && !IsPublic(Server));

    internal KubeTrust Trust { get; }

    internal IKubeCredentials Credentials { get; }

    /// <summary>Context, server and namespace in one line.</summary>
    public override string ToString() =>
        $"{(Context is null ? Origin : "context " + Wording.Quote(Context))}, server {Server.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/')}, namespace {Namespace}";

    private static bool IsLocalName(string? context) =>
        context is not null && (s_localContexts.Contains(context) || s_localPrefixes.Any(prefix => context.StartsWith(prefix, StringComparison.Ordinal)));

    // k3d writes the address that it listens on, 0.0.0.0, which reaches this machine.
    private static bool IsLoopback(Uri server) =>
        server.IsLoopback || (IPAddress.TryParse(server.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || IPAddress.IsLoopback(address)));

    private static bool IsPublic(Uri server)
    {
        var host = server.DnsSafeHost;
        if (!IPAddress.TryParse(host, out var address))
        {
            return host.Contains('.', StringComparison.Ordinal)
                && !host.EndsWith(".internal", StringComparison.OrdinalIgnoreCase)
                && !host.EndsWith(".local", StringComparison.OrdinalIgnoreCase);
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !address.IsIPv6LinkLocal && !address.IsIPv6UniqueLocal;
        }

        var bytes = address.GetAddressBytes();
        return !(bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and < 32) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254));
    }
}

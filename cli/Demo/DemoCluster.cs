using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Cli.Demo;

/// <summary>A cluster for the demo's jobs, with a namespace of its own, which is deleted at the end.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly DemoClusterOptions _options;
    private bool _created;

    private DemoCluster(KubeClient client, DemoClusterOptions options)
    {
        (_client, _options) = (client, options);
        Namespace = "pushcart-demo-" + Chance.System.NewId()[..10];
    }

    /// <summary>The namespace.</summary>
    public string Namespace { get; }

    /// <summary>Context, server and namespace, for a person.</summary>
    public string Text => _client.Connection.ToString();

    /// <summary>The image of both containers.</summary>
    public string Image => _options.Image;

    /// <summary>How pods reach a server of this machine.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Connects, and makes the namespace.</summary>
    /// <exception cref="DemoException">The cluster cannot be asked, refuses, or may not be used without being named.</exception>
    public static async Task<DemoCluster> BeginAsync(DemoClusterOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var settings = new KubernetesSettings { Kubeconfig = options.Kubeconfig, Context = options.Context ?? (options.IsOfTests ? CurrentContext(options, time) : null) };
        var (connection, error) = settings.Connect(time);
        if (connection is null)
        {
            throw new DemoException(error!);
        }

        var cluster = new DemoCluster(new KubeClient(connection, time, Chance.System), options with { Context = settings.Context });
        try
        {
            await cluster.BringUpAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Settings and words that the host needs.</summary>
    public IEnumerable<(string Name, string? Value)> SettingsOfHost()
    {
        yield return ("Executor", "kubernetes");
        yield return ("Kubernetes__Kubeconfig", _options.Kubeconfig);
        yield return ("Kubernetes__Context", _options.Context);
        yield return ("Secrets__From", "configuration");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_created)
        {
            await _client.DeleteAsync(KubeResource.Namespaces, ns: null, Namespace, new KubeDelete(KubePropagation.Background), CancellationToken.None);
            _created = false;
        }

        _client.Dispose();
    }

    // Who named a kubeconfig for the tests has named its context.
    private static string? CurrentContext(DemoClusterOptions options, TimeProvider time) =>
        KubeConnection.FromKubeconfig(new() { Path = options.Kubeconfig }, time).Value?.Context;

    private async Task BringUpAsync(CancellationToken cancellation)
    {
        Address = _options.Address ?? await FindAddressAsync(cancellation);
        var made = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Namespace } };
        var answer = await _client.CreateAsync(KubeResource.Namespaces, ns: null, made, sendBefore: null, cancellation);
        if (answer.Failure is { } failure)
        {
            throw new DemoException(failure.Message);
        }

        _created = true;
    }

    // The way from here to a node is, for clusters of this machine, the way back from its pods.
    private async Task<string> FindAddressAsync(CancellationToken cancellation)
    {
        var nodes = await _client.ListAsync(new KubeResource("", "v1", "nodes"), ns: null, labelSelector: null, fieldSelector: null, cancellation);
        var node = nodes.Value?.Items.SelectMany(item => item["status"]?["addresses"] as JsonArray ?? [])
            .FirstOrDefault(address => address?["type"]?.GetValue<string>() == "InternalIP")?["address"]?.GetValue<string>();
        if (!IPAddress.TryParse(node, out var address))
        {
            throw new DemoException($"how pods reach this machine cannot be found out ({nodes.Failure?.Message ?? "no node has an internal address"}); name its address by --address");
        }

        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(address, 9);
        }
        catch (SocketException e)
        {
            throw new DemoException($"this machine knows no way to the node {address} ({e.Message}); name the address by which pods reach this machine by --address");
        }

        return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
    }
}

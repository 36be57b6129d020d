using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>The cluster of a context: address, trust, way.</summary>
internal static class KubeconfigCluster
{
    /// <summary>Address of the API server.</summary>
    public static Uri Server(ConfigMap cluster)
    {
        var text = cluster.Required("server");
        return Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "https" or "http" && server.UserInfo.Length == 0 && server.Query.Length == 0
            ? server
            : throw cluster.Wrong("server", "must be an address that begins with https:// (or http://), without a user and a query");
    }

    /// <summary>Whom it trusts.</summary>
    public static KubeTrust Trust(ConfigMap cluster)
    {
        var pem = cluster.Pem("certificate-authority");
        var skip = cluster.Flag("insecure-skip-tls-verify");
        if (pem is not null && skip)
        {
            throw cluster.Wrong("insecure-skip-tls-verify", "cannot stand beside certificate-authority; leave one of them out");
        }

        var name = cluster.Text("tls-server-name");
        var proxy = Proxy(cluster);
        return name is not null && proxy is not null
            ? throw cluster.Wrong("tls-server-name", "is not supported together with proxy-url")
            : new KubeTrust
            {
                Roots = pem is null ? null : Roots(pem) ?? throw cluster.Wrong("certificate-authority", "holds no certificate in PEM"),
                RootsPem = pem,
                SkipVerify = skip,
                ServerName = name,
                Proxy = proxy,
            };
    }

    /// <summary>The certificates; null where there is none.</summary>
    public static X509Certificate2Collection? Roots(string pem)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }

        return roots.Count > 0 ? roots : null;
    }

    /// <summary>What an exec plugin that asks for it is told of the cluster.</summary>
    public static JsonObject ForPlugin(ConfigMap cluster)
    {
        var trust = Trust(cluster);
        var told = new JsonObject { ["server"] = Server(cluster).OriginalString };
        Add("tls-server-name", trust.ServerName);
        Add("insecure-skip-tls-verify", trust.SkipVerify ? true : null);
        Add("certificate-authority-data", trust.RootsPem is { } pem ? Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pem)) : null);
        Add("proxy-url", cluster.Text("proxy-url"));
        Add("config", cluster.Maps("extensions").FirstOrDefault(e => e.Text("name") == "client.authentication.k8s.io/exec")?.Json("extension"));
        return told;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                told[name] = value;
            }
        }
    }

    private static Uri? Proxy(ConfigMap cluster)
    {
        if (cluster.Text("proxy-url") is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
            ? proxy
            : throw cluster.Wrong("proxy-url", "must be an address that begins with http://, https:// or socks5://");
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The settings of who reaches the host and how: addresses, certificate, proxies.</summary>
internal static class HostAddresses
{
    private const string CertificateSetting = "Host:Certificate";
    private const string KeySetting = "Host:CertificateKey";

    /// <summary>The addresses to listen on.</summary>
    public static string[] ReadUrls(IConfiguration configuration, ICollection<string> faults)
    {
        var name = string.IsNullOrWhiteSpace(configuration["Host:Urls"]) ? "ASPNETCORE_URLS" : "Host:Urls";
        var text = configuration["Host:Urls"] is { Length: > 0 } own ? own : configuration["urls"] is { Length: > 0 } usual ? usual : "http://127.0.0.1:7071";
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in urls)
        {
            if (PortOf(url) is null || (!IsHttps(url) && !url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)))
            {
                faults.Add($"{name} holds {url}: it must be an address like http://127.0.0.1:7071");
            }
        }

        return urls;
    }

    /// <summary>The addresses where only the health functions are served; what stands there must not be an address of <paramref name="urls"/>.</summary>
    public static string[] ReadHealthUrls(IConfiguration configuration, IEnumerable<string> urls, ICollection<string> faults)
    {
        const string Name = "Host:HealthUrls";
        var health = (configuration[Name] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var taken = urls.Select(PortOf).ToHashSet();
        foreach (var url in health)
        {
            if (PortOf(url) is not > 0 || !url.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{Name} holds {url}: it must be an address like http://*:8081, http and with a port");
            }
            else if (taken.Contains(PortOf(url)))
            {
                faults.Add($"{Name} holds {url}, whose port Host:Urls has too: give it another one, such as http://*:{PortOf(url) + 1}");
            }
        }

        return health;
    }

    /// <summary>The port of an address as Kestrel reads it, where the host may be <c>*</c>; null where it is none.</summary>
    public static int? PortOf(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { IsUnixPipe: false, IsNamedPipe: false, PathBase: "" } address ? address.Port : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The files of the certificate, which an https address asks for; null where there is none, or a fault.</summary>
    public static CertificateFiles? ReadCertificate(IConfiguration configuration, IEnumerable<string> urls, ICollection<string> faults)
    {
        var https = urls.FirstOrDefault(IsHttps);
        var (certificate, key) = (configuration[CertificateSetting], configuration[KeySetting]);
        if (https is null)
        {
            if (!string.IsNullOrEmpty(certificate) || !string.IsNullOrEmpty(key))
            {
                faults.Add($"{(string.IsNullOrEmpty(certificate) ? KeySetting : CertificateSetting)} is set, but no address of Host:Urls is https: "
                    + "set Host:Urls to one, such as https://127.0.0.1:7443, or remove the setting");
            }

            return null;
        }

        if (string.IsNullOrEmpty(certificate) || string.IsNullOrEmpty(key))
        {
            faults.Add($"Host:Urls holds {https}, but {(string.IsNullOrEmpty(certificate) ? CertificateSetting : KeySetting)} is not set: "
                + $"set {CertificateSetting} and {KeySetting} to the paths of PEM files");
            return null;
        }

        var files = new CertificateFiles(certificate, key);
        if (files.TryLoad(out var fault) is null)
        {
            faults.Add(fault);
        }

        return files;
    }

    /// <summary>The networks of the proxies; a single address is a network of one.</summary>
    public static IReadOnlyList<IPNetwork> ReadTrustedProxies(IConfiguration configuration, ICollection<string> faults)
    {
        const string Name = "Host:TrustedProxies";
        List<IPNetwork> networks = [];
        foreach (var part in (configuration[Name] ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(part, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(part, out var network))
            {
                networks.Add(network);
            }
            else
            {
                faults.Add($"{Name} holds {part}: it must be an address, such as 10.1.2.3, or a network, such as 10.0.0.0/8");
            }
        }

        return networks;
    }

    /// <summary>True where an address is not encrypted and other machines can reach it: whoever listens in between reads the tokens.</summary>
    public static bool IsOpen(string url)
    {
        if (IsHttps(url))
        {
            return false;
        }

        // What is no URI names all addresses: * or +.
        return !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || (!uri.IsLoopback && !(IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
    }

    internal static bool IsHttps(string url) => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
}

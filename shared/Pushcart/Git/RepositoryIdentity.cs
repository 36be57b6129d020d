using System.Globalization;

namespace Pushcart.Git;

/// <summary>
/// Which repository an address means, whatever its form: <c>host[:port]/path</c> in lower case. http, https, ssh and scp forms, credentials, default ports, escapes,
/// <c>.git</c> and slashes at the end make no difference. Nor does the case of the path: GitHub, GitLab, Gitea, Bitbucket and Azure DevOps ignore it too.
/// </summary>
public static class RepositoryIdentity
{
    private const int MostCharacters = 2048;
    private const string AzureDevOps = "dev.azure.com";

    /// <summary>The identity of the repository at an address; null where the text is no address of one.</summary>
    public static string? Of(string? address)
    {
        if (address is null || address.Length is 0 or > MostCharacters || Split(address.Trim()) is not { } parts)
        {
            return null;
        }

        var (scheme, host, port, path) = parts;
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => s.ToLowerInvariant()).ToList();
        if (host.Length == 0 || segments.Count == 0)
        {
            return null;
        }

        segments[^1] = segments[^1].EndsWith(".git", StringComparison.Ordinal) ? segments[^1][..^4] : segments[^1];
        if (segments[^1].Length == 0)
        {
            segments.RemoveAt(segments.Count - 1);
        }

        (host, port) = KnownAs(host.ToLowerInvariant().TrimEnd('.'), port);
        if (host == AzureDevOps || host.EndsWith(".visualstudio.com", StringComparison.Ordinal))
        {
            (host, segments) = OfAzure(host, segments);
        }

        var isDefault = port is null || port == scheme switch { "http" => 80, "https" => 443, _ => 22 };
        return segments.Count == 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"{host}{(isDefault ? "" : $":{port}")}/{string.Join('/', segments)}");
    }

    private static (string Scheme, string Host, int? Port, string Path)? Split(string address)
    {
        if (address.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ssh" or "git+ssh"
                ? (uri.Scheme, uri.IdnHost, uri.IsDefaultPort || uri.Port < 0 ? null : uri.Port, Uri.UnescapeDataString(uri.AbsolutePath))
                : null;
        }

        // [user@]host:path, as scp writes it.
        var colon = address.IndexOf(':', address.IndexOf(']', StringComparison.Ordinal) + 1);
        if (colon <= 0 || address.AsSpan(0, colon).Contains('/'))
        {
            return null;
        }

        var host = address[(address.LastIndexOf('@', colon) + 1)..colon];
        return ("ssh", host.Trim('[', ']'), null, address[(colon + 1)..]);
    }

    // Where a provider is reached by ssh through port 443 it has another name.
    private static (string Host, int? Port) KnownAs(string host, int? port) => (host, port) switch
    {
        ("ssh.github.com", 443) => ("github.com", null),
        ("altssh.gitlab.com", 443) => ("gitlab.com", null),
        ("altssh.bitbucket.org", 443) => ("bitbucket.org", null),
        ("ssh.dev.azure.com" or "vs-ssh.visualstudio.com", _) => (AzureDevOps, null),
        _ => (host, port),
    };

    // https://dev.azure.com/org/project/_git/repo, its older name https://org.visualstudio.com/[DefaultCollection/]project/_git/repo, git@ssh.dev.azure.com:v3/org/project/repo.
    // Without a project in front of _git, the project has the repository's name.
    private static (string Host, List<string> Segments) OfAzure(string host, List<string> segments)
    {
        if (host != AzureDevOps)
        {
            segments.Insert(0, host.Split('.')[0]);
        }

        segments.Remove("defaultcollection");
        if (segments is ["v3", ..])
        {
            segments.RemoveAt(0);
        }

        if (segments is [_, "_git", var only])
        {
            segments[1] = only;
        }

        segments.Remove("_git");
        return (AzureDevOps, segments);
    }
}

namespace Pushcart.Git;

/// <summary>The addresses of one repository: of the services below it, and of what redirects name.</summary>
internal static class GitAddress
{
    private const string Discovery = "/info/refs";

    /// <summary>The address of a repository, without what a service, a query or credentials would add.</summary>
    /// <exception cref="GitException">It is no address, or not of http or https.</exception>
    public static Uri Parse(string repository) =>
        Uri.TryCreate(repository, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Uri(uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/'))
            : throw new GitException(GitFailureKind.Unsupported, "only addresses of https://, http:// and ssh are supported");

    /// <summary>Where capabilities are asked for.</summary>
    public static Uri InfoRefs(Uri repository) => new(repository.AbsoluteUri.TrimEnd('/') + Discovery + "?service=git-upload-pack");

    /// <summary>Where references and objects are asked for.</summary>
    public static Uri UploadPack(Uri repository) => new(repository.AbsoluteUri.TrimEnd('/') + "/git-upload-pack");

    /// <summary>The repository whose capabilities this address is for; null where it is no such address.</summary>
    public static Uri? RepositoryOf(Uri infoRefs) =>
        infoRefs.AbsolutePath.EndsWith(Discovery, StringComparison.Ordinal) ? Parse(infoRefs.AbsoluteUri.Split('?')[0][..^Discovery.Length]) : null;

    /// <summary>True where a redirect may be followed: on the same host, or from https to https, and never from https to http.</summary>
    public static bool MayLead(Uri from, Uri to) =>
        to.Scheme is "http" or "https" && (to.Scheme == "https" || from.Scheme == "http") && (SameHost(from, to) || (from.Scheme == "https" && to.Scheme == "https"));

    /// <summary>True where credentials for one address may go to the other: the same host and port, or from its http to its https.</summary>
    public static bool SharesCredentials(Uri from, Uri to) =>
        SameHost(from, to) && ((from.Scheme == to.Scheme && from.Port == to.Port) || (from is { Scheme: "http", IsDefaultPort: true } && to is { Scheme: "https", IsDefaultPort: true }));

    /// <summary>The address as it is shown: without credentials and query.</summary>
    public static string Show(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>The address as it is shown, where it may be none.</summary>
    public static string Show(string repository) =>
        Uri.TryCreate(repository, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? Show(uri) : repository[(repository.LastIndexOf('@') + 1)..];

    private static bool SameHost(Uri one, Uri other) => string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}

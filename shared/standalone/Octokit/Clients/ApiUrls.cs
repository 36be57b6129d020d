using System.Runtime.CompilerServices;

namespace Octokit;

/// <summary>Paths of the API.</summary>
internal static class ApiUrls
{
    /// <summary>A path below a repository.</summary>
    public static Uri Repository(string owner, string name, string rest, [CallerArgumentExpression(nameof(owner))] string? ownerName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner, ownerName);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new($"repos/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(name)}/{rest}", UriKind.Relative);
    }
}

namespace Pushcart;

/// <summary>The address at which this installation is reached from outside (<c>PublicUrl</c>): links and managed webhooks name it.</summary>
/// <param name="Address">The address, without a slash at its end; null where it is not set: links are left out then.</param>
public sealed record PublicUrl(string? Address)
{
    /// <summary>Reads the setting.</summary>
    /// <returns>The address; or what is wrong with it.</returns>
    public static (PublicUrl? Url, string? Error) Read(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting))
        {
            return (new((string?)null), null);
        }

        return Uri.TryCreate(setting.Trim(), UriKind.Absolute, out var uri) && uri is { Scheme: "https" or "http", Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
            ? (new(uri.AbsoluteUri.TrimEnd('/')), null)
            : (null, "PublicUrl: it is no address such as https://pushcart.example.com, without user, query and fragment");
    }

    /// <summary>An address below it; null where it is not set.</summary>
    /// <param name="path">Path, without a slash at its beginning.</param>
    public string? Of(string path) => Address is null ? null : $"{Address}/{path}";
}

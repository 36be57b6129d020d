using System.Security.Cryptography;
using Pushcart.Settings;

namespace Pushcart.Providers.GitHub;

/// <summary>How GitHub is reached, and who Pushcart is there: an App, or the owner of a token.</summary>
public sealed record GitHubSettings
{
    private const int MostBytes = 64 * 1024;

    /// <summary>Where repositories are. Default: <c>https://github.com</c>; of GitHub Enterprise its own address.</summary>
    [Setting("GitHub:Url")]
    public string Url { get; init; } = "https://github.com";

    /// <summary>Where the REST API is. Default: that of <see cref="Url"/>: <c>https://api.github.com</c>, <c>https://api.NAME.ghe.com</c>, or <c>URL/api/v3</c> of an Enterprise server.</summary>
    [Setting("GitHub:ApiUrl")]
    public string? ApiUrl { get; init; }

    /// <summary>A token. Default: none. Besides it <see cref="AppId"/> is not set.</summary>
    [Setting("GitHub:Token")]
    public string? Token { get; init; }

    /// <summary>Path of a file with the token, read anew at each use. Default: none.</summary>
    [Setting("GitHub:TokenFile")]
    public string? TokenFile { get; init; }

    /// <summary>Id of a GitHub App. Default: none. With it there is a private key.</summary>
    [Setting("GitHub:AppId")]
    public string? AppId { get; init; }

    /// <summary>The App's private key in PEM; line breaks may be written <c>\n</c>. Default: none.</summary>
    [Setting("GitHub:PrivateKey")]
    public string? PrivateKey { get; init; }

    /// <summary>Path of a file with the App's private key in PEM, read anew at each use. Default: none.</summary>
    [Setting("GitHub:PrivateKeyFile")]
    public string? PrivateKeyFile { get; init; }

    /// <summary>True where commits are told how their jobs go. Default true; nothing is told without an App or a token.</summary>
    [Setting("GitHub:CommitStatus")]
    public bool CommitStatus { get; init; } = true;

    /// <summary>True where there is an App or a token.</summary>
    public bool IsConfigured => IsApp || !string.IsNullOrEmpty(Token) || !string.IsNullOrEmpty(TokenFile);

    /// <summary>True where Pushcart is an App.</summary>
    public bool IsApp => !string.IsNullOrEmpty(AppId);

    /// <summary>Address of the REST API, with a slash at its end.</summary>
    public Uri Api
    {
        get
        {
            if (!string.IsNullOrEmpty(ApiUrl))
            {
                return new(ApiUrl.TrimEnd('/') + "/");
            }

            var url = new Uri(Url);
            return url.Host is "github.com" || url.Host.EndsWith(".ghe.com", StringComparison.OrdinalIgnoreCase)
                ? new($"https://api.{url.Host}/")
                : new(url, "/api/v3/");
        }
    }

    /// <summary>Adds what is wrong to the reader's faults. No message shows a secret.</summary>
    public void Check(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var addresses = IsAddress(Url) && (string.IsNullOrEmpty(ApiUrl) || IsAddress(ApiUrl));
        reader.Require(IsAddress(Url), "GitHub:Url: it is no https:// address such as https://github.example.com");
        reader.Require(string.IsNullOrEmpty(ApiUrl) || IsAddress(ApiUrl), "GitHub:ApiUrl: it is no https:// address such as https://github.example.com/api/v3");
        reader.Require(!addresses || GitHubRepository.HostOf(Url) is not null, "GitHub:Url: it names no host");
        reader.Require(!IsApp || (string.IsNullOrEmpty(Token) && string.IsNullOrEmpty(TokenFile)), "GitHub:AppId: there is a token too; set one of the two");
        var hasKey = !string.IsNullOrEmpty(PrivateKey) || !string.IsNullOrEmpty(PrivateKeyFile);
        reader.Require(IsApp == hasKey, IsApp
            ? "GitHub:AppId: the App's private key is missing; set GitHub:PrivateKey or GitHub:PrivateKeyFile"
            : "GitHub:PrivateKey: it is of no use without GitHub:AppId");
        if (IsApp && hasKey)
        {
            var (key, error) = ReadKey();
            key?.Dispose();
            reader.Require(error is null, error ?? "");
        }
        else if (!string.IsNullOrEmpty(TokenFile))
        {
            var (_, error) = ReadToken();
            reader.Require(error is null, error ?? "");
        }
    }

    /// <summary>The token as it is now; or an error that names the setting.</summary>
    public (string? Token, string? Error) ReadToken()
    {
        var (token, error) = string.IsNullOrEmpty(TokenFile) ? (Token, null) : ReadFile("GitHub:TokenFile", TokenFile);
        token = token?.Trim();

        // What a header cannot carry must not reach HttpClient, whose exception would show the value.
        return token is null ? (null, error)
            : token.Length > 0 && token.All(c => c is > ' ' and <= '~') ? (token, null)
            : (null, "GitHub:Token: it is empty or holds characters that a header cannot carry");
    }

    /// <summary>The App's key as it is now; or an error that names the setting.</summary>
    public (RSA? Key, string? Error) ReadKey()
    {
        var (setting, pem, error) = string.IsNullOrEmpty(PrivateKeyFile)
            ? ("GitHub:PrivateKey", PrivateKey?.Replace("\\n", "\n", StringComparison.Ordinal), null)
            : ReadKeyFile(PrivateKeyFile);
        if (pem is null)
        {
            return (null, error);
        }

        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return (key, null);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // The exception's words are left out: they could show what was read.
            key.Dispose();
            return (null, $"{setting}: it is no RSA key in PEM (-----BEGIN RSA PRIVATE KEY-----), as GitHub gives it for the App");
        }
    }

    /// <summary>Never shows a secret.</summary>
    public override string ToString() => $"{Url}, {(IsApp ? $"App {AppId}" : IsConfigured ? "a token" : "nobody")}";

    // Without https a token could be read on its way; only this machine needs none.
    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)) && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 };

    private static (string Setting, string? Pem, string? Error) ReadKeyFile(string path)
    {
        var (pem, error) = ReadFile("GitHub:PrivateKeyFile", path);
        return ("GitHub:PrivateKeyFile", pem, error);
    }

    private static (string? Text, string? Error) ReadFile(string setting, string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? (File.ReadAllText(path), null) : (null, $"{setting}: '{path}' has more than {MostBytes / 1024} KiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{setting}: '{path}' cannot be read: {e.Message}");
        }
    }
}

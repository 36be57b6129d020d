using Pushcart.Settings;

namespace Pushcart.Resources.KeyVault;

/// <summary>The key vault that secrets are read from, where they are.</summary>
public sealed record KeyVaultSettings
{
    /// <summary>Address of the vault: <c>https://NAME.vault.azure.net</c>. Default: none; required where <c>Secrets:From</c> is <c>keyvault</c>.</summary>
    [Setting("KeyVault:Uri")]
    public string? Uri { get; init; }

    /// <summary>How long a secret is kept in memory once it was read. Default 60 s.</summary>
    [Setting("KeyVault:SecretsKept", Minimum = "1s", Maximum = "1h")]
    public TimeSpan SecretsKept { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The address; null where it is none that can be used.</summary>
    internal Uri? Address => System.Uri.TryCreate(Uri, UriKind.Absolute, out var uri) && uri.Scheme == System.Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 ? uri : null;

    /// <summary>Adds what is wrong with the address to the reader's faults.</summary>
    public void Check(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        reader.Require(!string.IsNullOrEmpty(Uri), "KeyVault:Uri: it is not set, and Secrets:From is keyvault; set it to the vault's address, https://NAME.vault.azure.net");
        reader.Require(string.IsNullOrEmpty(Uri) || Address is not null, $"KeyVault:Uri: '{Uri}' is no address of a key vault, such as https://NAME.vault.azure.net");
    }
}

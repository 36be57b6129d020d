using Microsoft.Extensions.Configuration;
using Pushcart.Resources.KeyVault;
using Pushcart.Settings;

namespace Pushcart.Tests.Unit.Resources.KeyVault;

public sealed class KeyVaultSettingsTests
{
    [Theory]
    [InlineData("https://team.vault.azure.net", null)]
    [InlineData("https://team.vault.azure.net/", null)]
    [InlineData(null, "KeyVault:Uri: it is not set, and Secrets:From is keyvault; set it to the vault's address, https://NAME.vault.azure.net")]
    [InlineData("http://team.vault.azure.net", "KeyVault:Uri: 'http://team.vault.azure.net' is no address of a key vault, such as https://NAME.vault.azure.net")]
    [InlineData("team", "KeyVault:Uri: 'team' is no address of a key vault, such as https://NAME.vault.azure.net")]
    [InlineData("https://team.vault.azure.net/secrets/x", "KeyVault:Uri: 'https://team.vault.azure.net/secrets/x' is no address of a key vault, such as https://NAME.vault.azure.net")]
    public void The_address_of_a_vault_is_https_without_a_path(string? uri, string? error)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["KeyVault:Uri"] = uri }).Build());
        reader.Read<KeyVaultSettings>().Check(reader);

        Assert.Equal(error is null ? [] : [error], reader.Errors);
    }
}

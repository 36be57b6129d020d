using Pushcart.Settings;

namespace Pushcart.Tokens;

/// <summary>Settings of tokens.</summary>
public sealed record TokenSettings
{
    /// <summary>
    /// Value of the first admin token: <c>pct_</c> and 64 hexadecimal digits, as <c>echo pct_$(openssl rand -hex 32)</c> prints. A secret: from a Secret of the cluster, or an app setting that
    /// refers to Key Vault. A new value makes a new token at the next start and revokes the one that the value before had made. Default none: a standalone host makes a token itself, in
    /// <c>.pushcart/admin-token</c> of its content root; elsewhere there is none, and only what needs no token can be called.
    /// </summary>
    [Setting("Tokens:FirstAdmin")]
    public string FirstAdmin { get; init; } = "";

    /// <summary>Checks what a range cannot say.</summary>
    public void Check(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);

        // The value is a secret: only its length is told. What Functions could not resolve stands there as it was written.
        reader.Require(
            !FirstAdmin.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase),
            "Tokens:FirstAdmin: its reference to Key Vault is not resolved; the portal of Azure shows why, under Environment variables: as a rule the app's identity may not read the secret");
        reader.Require(
            FirstAdmin.Length == 0 || FirstAdmin.StartsWith('@') || (FirstAdmin.StartsWith(TokenValue.Service, StringComparison.Ordinal) && TokenValue.HasForm(FirstAdmin)),
            $"Tokens:FirstAdmin: it has {FirstAdmin.Length} characters, and is no token; it is {TokenValue.Service} and 64 hexadecimal digits, as `echo {TokenValue.Service}$(openssl rand -hex 32)` prints");
    }

    /// <summary>Never shows the value.</summary>
    public override string ToString() => nameof(TokenSettings);
}

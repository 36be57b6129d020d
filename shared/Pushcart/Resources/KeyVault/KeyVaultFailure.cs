using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Identity;

namespace Pushcart.Resources.KeyVault;

/// <summary>The ends of a question to a key vault that are told apart.</summary>
internal enum KeyVaultFailureKind
{
    /// <summary>The vault says that it has no such secret.</summary>
    NotFound,

    /// <summary>The vault answers, and gives nothing: not to this identity, not from here, or not now.</summary>
    Refused,

    /// <summary>No answer, or none of a key vault.</summary>
    Unreachable,

    /// <summary>There is no token to ask with.</summary>
    NoIdentity,
}

/// <summary>Why a key vault gave no value. All sentences for people stand here. None shows what the vault answered as it is: that may be long, or hold a value.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">The end of a sentence that names vault and secret, with the next step.</param>
internal sealed record KeyVaultFailure(KeyVaultFailureKind Kind, string Message)
{
    private const int ShownCharacters = 500;

    /// <summary>An answer that is no success, or no answer.</summary>
    public static KeyVaultFailure Of(RequestFailedException failure)
    {
        var code = InnerCode(failure) ?? failure.ErrorCode;
        return failure.Status switch
        {
            404 when failure.ErrorCode == "SecretNotFound" => new(KeyVaultFailureKind.NotFound, "it is not there"),
            401 => new(KeyVaultFailureKind.Refused, "it refuses the token (401); the identity must be of the vault's tenant"),
            403 => new(KeyVaultFailureKind.Refused, Forbidden(code)),
            429 => new(KeyVaultFailureKind.Refused, "it takes no more requests for now (429)"),
            0 => new(KeyVaultFailureKind.Unreachable, $"no connection: {Shortened(failure.Message)}; look at KeyVault:Uri, DNS and the network"),
            >= 500 => new(KeyVaultFailureKind.Unreachable, $"it has a problem of its own ({failure.Status})"),
            _ => new(KeyVaultFailureKind.Unreachable, $"it answers {failure.Status}{(code is null ? "" : $" {Shortened(code)}")}, as no key vault does; look at KeyVault:Uri"),
        };
    }

    /// <summary>No token.</summary>
    public static KeyVaultFailure OfIdentity(AuthenticationFailedException failure) => new(
        KeyVaultFailureKind.NoIdentity,
        $"there is no identity to ask as: {Shortened(failure.Message.ReplaceLineEndings(" "))}; give this process a managed or workload identity, or AZURE_TENANT_ID, AZURE_CLIENT_ID and a credential");

    /// <summary>No answer in time.</summary>
    public static KeyVaultFailure OfTimeout(TimeSpan timeout) => new(KeyVaultFailureKind.Unreachable, $"no answer within {timeout.TotalSeconds:0} s; look at KeyVault:Uri, DNS and the network");

    /// <summary>It asks for a token that is not for a key vault of its domain.</summary>
    public static KeyVaultFailure OfChallenge(InvalidOperationException failure) => new(
        KeyVaultFailureKind.Unreachable, $"it does not ask for a token as a key vault of this address does: {Shortened(failure.Message)}; look at KeyVault:Uri");

    private static string Forbidden(string? code) => code switch
    {
        "SecretDisabled" => "it is disabled; enable it",
        "ForbiddenByFirewall" or "ForbiddenByConnection" => "the vault's network rules refuse this address (403); allow it, or use a private endpoint",
        _ => $"this identity may not read it (403{(code is null or "Forbidden" ? "" : $" {Shortened(code)}")}); give it the role Key Vault Secrets User on the vault",
    };

    private static string? InnerCode(RequestFailedException failure)
    {
        try
        {
            return failure.GetRawResponse()?.Content is { } content && JsonNode.Parse(content) is JsonObject body
                && body["error"] is JsonObject { } error && error["innererror"] is JsonObject inner && inner["code"] is JsonValue value && value.TryGetValue<string>(out var code)
                ? code
                : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Shortened(string text) => text.Length > ShownCharacters ? text[..ShownCharacters] + "…" : text;
}

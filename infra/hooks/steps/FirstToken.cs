using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pushcart.Deployment;

/// <summary>
/// The first admin token: drawn here, put into the vault, and told to nobody. It goes by Azure Resource Manager, as the body of a request: that needs no role on the vault's data,
/// which would only count after minutes, and works for a vault in a private network too.
/// </summary>
internal static class FirstToken
{
    /// <summary>Name of the secret, which infra/modules/app.bicep refers to.</summary>
    public const string Secret = "pushcart-first-admin";

    /// <summary>What Azure Resource Manager takes tokens for.</summary>
    public const string Management = "https://management.azure.com/.default";

    /// <summary>Makes it where there is none, and has the app read it.</summary>
    public static async Task EnsureAsync(HookContext context, CancellationToken cancellation)
    {
        var (vault, app) = (context.Require("PUSHCART_VAULT_ID"), context.Require("PUSHCART_APP_ID"));
        var token = await context.Token(Management, cancellation).ConfigureAwait(false);
        using var caller = new Caller(context.Handler, context.Time);
        var address = new Uri($"https://management.azure.com{vault}/secrets/{Secret}?api-version=2023-07-01");
        var found = await caller.SendAsync(HttpMethod.Get, address, token, null, null, cancellation).ConfigureAwait(false);
        if (found.IsGood)
        {
            return;
        }

        if (found.Status != HttpStatusCode.NotFound)
        {
            throw new HookException($"the vault {Name(vault)} cannot be asked for {Secret} ({found.Short}); you need Contributor on the resource group");
        }

        // pct_ and 64 hexadecimal digits: what Tokens:FirstAdmin takes.
        var body = JsonSerializer.Serialize(new { properties = new { value = "pct_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), contentType = "Pushcart's first admin token" } });
        var made = await caller.SendAsync(HttpMethod.Put, address, token, (body, "application/json"), null, cancellation).ConfigureAwait(false);
        if (!made.IsGood)
        {
            // The answer may repeat what was sent.
            throw new HookException($"the vault {Name(vault)} does not take the secret {Secret} ({(int)made.Status}); you need Contributor on the resource group, or put it there: echo pct_$(openssl rand -hex 32)");
        }

        await context.Output.WriteLineAsync($"Made the first admin token, the secret {Secret} of the vault {Name(vault)}.").ConfigureAwait(false);

        // The app was made before the secret, and would look for it again only after a day.
        var refreshed = await caller.SendAsync(
            HttpMethod.Post, new($"https://management.azure.com{app}/config/configreferences/appsettings/refresh?api-version=2022-03-01"), token, ("", "application/json"), null, cancellation).ConfigureAwait(false);
        if (!refreshed.IsGood)
        {
            throw new HookException($"the app {Name(app)} was not told to read the secret ({refreshed.Short}); restart it in the portal once it is deployed");
        }
    }

    /// <summary>The last part of a resource id.</summary>
    public static string Name(string id) => id[(id.LastIndexOf('/') + 1)..];
}

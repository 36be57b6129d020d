using System.Net;

namespace Pushcart.Deployment;

/// <summary>
/// Waits until roles on storage count. They are given in one deployment, to the app's identity and to whoever deploys, and a minute or ten pass before they do; a package that is deployed before ends in 403.
/// Nobody can ask as the app's identity from outside, so this asks as whoever deploys; the app itself goes on waiting at its first start.
/// </summary>
public static class WaitForStorage
{
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    /// <summary>Asks for blobs, messages and rows until all three are answered.</summary>
    /// <exception cref="HookException">They are refused for 10 minutes.</exception>
    public static async Task RunAsync(HookContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var account = context.Require("PUSHCART_STORAGE_ACCOUNT");
        if (context.Setting("PUSHCART_NETWORK") == "private")
        {
            await context.Output.WriteLineAsync("Storage is reached through its private network only, so roles cannot be tried from here; the app tries again for 10 minutes at its first start.").ConfigureAwait(false);
            return;
        }

        if (string.IsNullOrEmpty(context.Setting("PUSHCART_DEPLOYER_ID")))
        {
            await context.Output.WriteLineAsync("azd told no principal (AZURE_PRINCIPAL_ID), so whoever deploys has no role to try; the app tries again for 10 minutes at its first start.").ConfigureAwait(false);
            return;
        }

        var prefix = context.Require("PUSHCART_STORAGE_PREFIX");
        var token = await context.Token("https://storage.azure.com/.default", cancellation).ConfigureAwait(false);
        using var caller = new Caller(context.Handler, context.Time);
        var began = context.Time.GetTimestamp();
        await WaitAsync("blobs", $"https://{account}.blob.core.windows.net/{context.Require("PUSHCART_DEPLOYMENT_CONTAINER")}?restype=container&comp=list&maxresults=1").ConfigureAwait(false);
        await WaitAsync("messages", $"https://{account}.queue.core.windows.net/{prefix}jobs/messages?peekonly=true&numofmessages=1").ConfigureAwait(false);
        await WaitAsync("rows", $"https://{account}.table.core.windows.net/{prefix}live()?$top=1").ConfigureAwait(false);
        await context.Output.WriteLineAsync($"Roles on {account} count.").ConfigureAwait(false);

        async Task WaitAsync(string what, string address)
        {
            for (var told = false; ; told = true)
            {
                var answer = await caller.SendAsync(HttpMethod.Get, new(address), token, null, s_headers, cancellation).ConfigureAwait(false);
                if (answer.IsGood)
                {
                    return;
                }

                if (answer.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) || context.Time.GetElapsedTime(began) > s_most)
                {
                    throw new HookException($"{what} of {account} cannot be read ({answer.Short}); look whether you have its Data Reader roles (infra/modules/roles.bicep), then run `azd deploy` again");
                }

                if (!told)
                {
                    await context.Output.WriteLineAsync($"Waiting until roles on {what} of {account} count …").ConfigureAwait(false);
                }

                await Task.Delay(s_between, context.Time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static readonly Dictionary<string, string> s_headers = new() { ["x-ms-version"] = "2023-11-03", ["Accept"] = "application/json;odata=nometadata, application/xml" };
}

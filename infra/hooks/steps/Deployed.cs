using System.Net;

namespace Pushcart.Deployment;

/// <summary>Says whether the deployed app is ready, and what to do next.</summary>
public static class Deployed
{
    // A first start waits up to 10 minutes for its roles.
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    /// <summary>Asks <c>healthz/ready</c> until it answers 200, and prints where Pushcart is.</summary>
    /// <exception cref="HookException">It is not ready within 12 minutes.</exception>
    public static async Task RunAsync(HookContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var url = context.Require("PUSHCART_URL");
        var vault = FirstToken.Name(context.Require("PUSHCART_VAULT_ID"));
        using var caller = new Caller(context.Handler, context.Time);
        var began = context.Time.GetTimestamp();
        for (var told = false; ; told = true)
        {
            var answer = await caller.SendAsync(HttpMethod.Get, new($"{url}/healthz/ready"), null, null, null, cancellation).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.OK)
            {
                break;
            }

            if (context.Time.GetElapsedTime(began) > s_most)
            {
                throw new HookException($"{url}/healthz/ready is not ready after {s_most.TotalMinutes:0} minutes ({answer.Short}); the app's log says why: the portal of Azure, Log stream, or the table AppTraces of its workspace");
            }

            if (!told)
            {
                await context.Output.WriteLineAsync($"Waiting until {url} is ready …").ConfigureAwait(false);
            }

            await Task.Delay(s_between, context.Time, cancellation).ConfigureAwait(false);
        }

        await context.Output.WriteLineAsync($"""
            Pushcart is ready: {url}
            Webhooks go to {context.Setting("PUSHCART_WEBHOOK_URL")}github (or gitlab, gitea, bitbucket, azuredevops).
            The first admin token is a secret of the vault {vault}. To read it:
              az keyvault secret show --vault-name {vault} --name {FirstToken.Secret} --query value --output tsv
            Next: the first job, in docs/deploying.md.
            """).ConfigureAwait(false);
    }
}

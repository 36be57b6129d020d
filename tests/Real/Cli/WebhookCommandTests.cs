using Pushcart.Cli;
using Pushcart.Cli.Webhooks;
using Pushcart.Tests.Real.Webhooks;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Cli;

/// <summary><c>pushcart webhook send</c> against a real host.</summary>
[Collection("hosts")]
public sealed class WebhookCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task An_event_of_each_provider_is_signed_and_taken_and_a_wrong_secret_is_told()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger(), Trigger("tag", watchOn: "reference: {tag: v1}")));
        var secret = here.Place.Write("secret", Secret + "\n");
        string[] to = ["--repository", here.Uri, "--server", here.Host.Client.BaseAddress!.ToString(), "--secret-file", secret];
        foreach (var provider in TestEvent.Providers)
        {
            foreach (var reference in (string[])["main", "refs/tags/v1"])
            {
                var (exit, output, errors) = await RunAsync([.. to, "--provider", provider, "--ref", reference, "--commit", here.App.First]);
                Assert.True(exit == 0, $"{provider} {reference}: {errors}");
                Assert.StartsWith("202: job has been scheduled\nwhat becomes of it: http://127.0.0.1:", output, StringComparison.Ordinal);
                using var task = await here.Host.Client.GetAsync(new Uri(output.Split("it: ")[1].Trim()));
                Assert.True(task.IsSuccessStatusCode);
            }
        }

        Assert.Equal((0, "200: no trigger watches \"refs/heads/dev\" of this repository\n", ""), await RunAsync([.. to, "--provider", "github", "--ref", "dev"]));
        Assert.Equal((0, "202"), (await RunAsync([.. to, "--provider", "github", "--delivery", "d"])) is var (exitFirst, first, _) ? (exitFirst, first[..3]) : default);
        Assert.Equal((0, "200: duplicate"), (await RunAsync([.. to, "--provider", "github", "--delivery", "d"])) is var (exitAgain, again, _) ? (exitAgain, again.Split('\n')[0]) : default);

        to[^1] = here.Place.Write("wrong", "wrong");
        Assert.Equal((4, "", "error: 401: no secret of this repository proves the request right\n"), await RunAsync([.. to, "--provider", "github"]));
        to[^1] = Path.Combine(here.Place.Folder, "nowhere");
        Assert.Equal((1, "", "error: there is no secret; set PUSHCART_WEBHOOK_SECRET, or give --secret-file a file that holds it\n"), await RunAsync([.. to, "--provider", "github"]));
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await PushcartCommand.Create().Parse(["webhook", "send", .. arguments]).InvokeAsync(new() { Output = output, Error = errors });
        return (exit, output.ToString(), errors.ToString());
    }
}

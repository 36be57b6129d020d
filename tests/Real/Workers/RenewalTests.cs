using System.Net;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>Signs of life of started jobs, over HTTP against a running host.</summary>
[Collection("calls")]
public sealed class RenewalTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Progress_is_told_and_written_no_more_often_than_a_twelfth_of_the_lease()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "60s"));
        var worker = await here.RegisteredAsync();
        var id = await here.SubmitAsync();
        var claim = await worker.StartedAsync();

        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim, "cloning")).Status);
        Assert.Equal("cloning", (await here.JobAsync(id)).Text("progress"));
        var soon = await worker.RenewAsync(claim, "building");
        Assert.Equal((429, "workers.too_often"), soon.Error);
        Assert.InRange(TestWorker.RetryAfter(soon), 1, 5);
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim)).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim, "cloning")).Status);
        await here.UntilAsync(async () => (await worker.RenewAsync(claim, "testing")).Status == HttpStatusCode.OK);
        Assert.Equal("testing", (await here.JobAsync(id)).Text("progress"));
        foreach (var wrong in (string[])[new string('x', 201), "two\nlines", "\u001b[31m"])
        {
            Assert.Equal((400, "body.invalid"), (await worker.RenewAsync(claim, wrong)).Error);
        }
    }

    [Fact]
    public async Task Progress_and_a_cancel_at_the_same_moment_both_stand()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "60s"));
        var worker = await here.RegisteredAsync(with: w => w.Slots = 16);
        var claims = new List<ClaimAnswer>();
        for (var n = 0; n < 16; n++)
        {
            await here.SubmitAsync();
            claims.Add(await worker.StartedAsync());
        }

        await Task.WhenAll(claims.Select(async claim =>
        {
            var cancelled = here.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{claim.Job.Id}/cancel");
            Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim, "half done")).Status);
            Assert.Equal(HttpStatusCode.OK, (await cancelled).Status);
        }));

        foreach (var claim in claims)
        {
            Assert.Equal("half done", (await here.JobAsync(claim.Job.Id)).Text("progress"));
            Assert.Equal(StopWords.Cancel, WireJson.Read<RenewAnswer>((await worker.RenewAsync(claim)).Json.ToString()).Stop);
        }
    }

    [Fact]
    public async Task A_renewal_after_the_lease_goes_on_where_nothing_was_decided_since()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "4s"));
        var worker = await here.RegisteredAsync();
        var id = await here.SubmitAsync();
        var claim = await worker.StartedAsync();

        // Past the lease, and what Observe had time to do about that.
        await Task.Delay(TimeSpan.FromSeconds(7), TimeProvider.System);
        Assert.Equal("running", await here.StateAsync(id));
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim)).Status);

        Assert.Equal(HttpStatusCode.OK, (await worker.ReportAsync(claim, ReportWords.Succeeded)).Status);
        var job = await here.JobAsync(id);
        Assert.Equal(("succeeded", 1), (job.Text("state"), job.GetProperty("attempt").GetInt32()));
    }
}

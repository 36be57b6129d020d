using Pushcart.Tests.Bench;
using Pushcart.Tests.Support;

// Without arguments: all of them, each in a process of its own, so that one's memory is not another's. With a name: that one. Exit code 1: a bound was exceeded.
var benches = new Dictionary<string, Func<AzuriteFixture, Task<IReadOnlyList<Measure>>>>
{
    ["tick"] = TickBench.RunAsync,
    ["sources"] = SourcesBench.RunAsync,
    ["hanging-remote"] = HangingRemoteBench.RunAsync,
    ["start"] = StartBench.RunAsync,
    ["kubernetes"] = KubernetesBench.RunAsync,
    ["webhooks"] = WebhooksBench.RunAsync,
    ["api"] = ApiBench.RunAsync,
};
if (args is [] || args.Except(benches.Keys).Any())
{
    if (args.Length > 0)
    {
        Console.Error.WriteLine($"error: the benches are {string.Join(", ", benches.Keys)}");
        return 2;
    }

    var exceeded = 0;
    foreach (var name in benches.Keys)
    {
        using var child = System.Diagnostics.Process.Start(Environment.ProcessPath!, [name]);
        await child.WaitForExitAsync();
        exceeded |= child.ExitCode;
    }

    return exceeded;
}

var kept = true;
foreach (var name in args)
{
    var azurite = new AzuriteFixture();
    await azurite.InitializeAsync();
    try
    {
        foreach (var measure in await benches[name](azurite))
        {
            Console.WriteLine($"{name,-15} {measure}");
            kept &= measure.Keeps;
        }
    }
    finally
    {
        await azurite.DisposeAsync();
    }
}

return kept ? 0 : 1;

using Microsoft.Extensions.Logging.Abstractions;
using Pushcart;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Git;

if (ProcessRun.IsRun(args))
{
    return await ProcessRun.RunAsync(args);
}

// AUTHORIZATION=… create <runs> <installation> <name> <repository> <commit> <script>: creates a run, says how that went, and waits to be killed.
if (args is not ["create", var runs, var installation, var name, var repository, var commit, var script])
{
    await Console.Error.WriteLineAsync("usage: create <runs> <installation> <name> <repository> <commit> <script>");
    return 2;
}

using var executor = new ProcessExecutor(
    new() { RunsDirectory = runs }, _ => Task.FromResult(installation), TimeProvider.System, Chance.System, NullLogger<ProcessExecutor>.Instance);
var answer = await executor.CreateAsync(
    new RunSpec
    {
        Key = new("default", name, "job", 1),
        Installation = installation,
        ClaimKey = Chance.System.NewId(),
        CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(20),
        Checkout = new() { Endpoint = new GitEndpoint(repository) { Auth = new TokenAuth(Environment.GetEnvironmentVariable("AUTHORIZATION")!) }, Commit = commit },
        Command = ["sh", "-c", script],
        WorkdirVariable = "WORKDIR",
        Workdir = "/work",
        Deadline = TimeSpan.FromMinutes(5),
        Ttl = TimeSpan.FromDays(7),
    },
    CancellationToken.None);
Console.WriteLine(answer.Result);
await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
return 0;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Pushcart.Tests.HostSample;

/// <summary>What tests of the host run in a child process.</summary>
public sealed class SampleFunctions(IConfiguration configuration)
{
    private static readonly Lock Writing = new();

    /// <summary>Answers at once, with the process' id.</summary>
    [Function("Ping")]
    public static IActionResult Ping([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ping")] HttpRequest request) =>
        new OkObjectResult(new { Environment.ProcessId, Path = request.Path.Value });

    /// <summary>Answers when the time that it takes is over; notes its start and its end as <see cref="WriteAsync"/> does.</summary>
    [Function("Slow")]
    public async Task<IActionResult> SlowAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "slow/{name}")] HttpRequest request, string name)
    {
        await WriteAsync(name, request.HttpContext.RequestAborted);
        return new OkObjectResult(name);
    }

    /// <summary>Appends the message to <c>Sample:Output</c>, when the time that it takes is over, and to <c>Sample:Output</c>.started at once.</summary>
    [Function("Write")]
    public async Task WriteAsync([QueueTrigger("%Sample:Queue%")] string message, CancellationToken cancellationToken)
    {
        Append(".started", message);
        await Task.Delay(configuration.GetValue("Sample:Takes", TimeSpan.Zero), TimeProvider.System, cancellationToken);
        Append("", message);
    }

    /// <summary>Appends a line to the file that <c>Sample:Output</c> names.</summary>
    [Function("Tick")]
    public void Tick([TimerTrigger("%Sample:Schedule%")] TimerInfo timer) => Append("", $"tick {timer.IsPastDue}");

    private void Append(string suffix, string line)
    {
        lock (Writing)
        {
            File.AppendAllText(configuration["Sample:Output"] + suffix, line + "\n");
        }
    }
}

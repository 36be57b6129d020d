using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;
using Pushcart.Execution.Process;
using Pushcart.Functions;
using Pushcart.Functions.Access;

// A run of the process executor is this program again, by a hidden verb: it must start fast, and knows nothing of the host.
if (ProcessRun.IsRun(args))
{
    return await ProcessRun.RunAsync(args);
}

var (options, exitCode) = CommandLine.Parse(args);
if (options is null)
{
    return exitCode;
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Composition.Defaults });
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<AccessMiddleware>();
var errors = Composition.AddPushcart(builder.Services, builder.Configuration, builder.Environment, options);
if (errors.Count > 0)
{
    foreach (var error in errors)
    {
        await Console.Error.WriteLineAsync($"error: {error}");
    }

    return 1;
}

await builder.Build().RunAsync();
return Environment.ExitCode;

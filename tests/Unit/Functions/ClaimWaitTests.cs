using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Pushcart.Functions;
using Pushcart.Workers.Serving;

namespace Pushcart.Tests.Unit.Functions;

/// <summary>How long a claim may wait for a job: a held request costs nothing in a process of one's own, and is paid compute under Azure Functions.</summary>
public sealed class ClaimWaitTests
{
    [Theory]
    [InlineData(false, null, true)]
    [InlineData(true, null, false)]
    [InlineData(true, "true", true)]
    [InlineData(false, "false", false)]
    public void Under_Functions_a_claim_is_answered_at_once_and_in_a_standalone_server_it_waits_unless_the_setting_says_otherwise(bool isFunctions, string? setting, bool waits)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true", ["Workers:LongPoll"] = setting })
            .Build();
        var services = new ServiceCollection();

        Assert.Empty(Composition.AddPushcart(services, configuration, new Development(), new CommandLine(null, false, IsWorker: isFunctions)));

        Assert.Equal(waits, services.Select(s => s.IsKeyedService ? null : s.ImplementationInstance).OfType<WorkerSettings>().Single().LongPoll);
    }

    private sealed class Development : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "Pushcart";

        public string ContentRootPath { get; set; } = Path.GetTempPath();

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>A standalone host in this process, on Azurite and on a free port, with functions of a test.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host, HttpClient client)
    {
        _host = host;
        Client = client;
    }

    /// <summary>Asks the host's HTTP functions.</summary>
    public HttpClient Client { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Whether it was told to stop.</summary>
    public bool Stopping => Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    /// <summary>A name that no other test has, fit for queues and tables.</summary>
    public static string NewName() => "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Starts a host.</summary>
    public static async Task<TestHost> StartAsync(
        string connection, Type functions, Record record, IEnumerable<(string Name, string Value)> settings, TimeProvider? time = null)
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.ConfigureFunctionsWebApplication();
        builder.FunctionTypes = [functions];
        builder.Logging.ClearProviders().AddProvider(record);
        builder.Services.AddSingleton(record);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = connection,
            ["Host:Urls"] = "http://127.0.0.1:0",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(pair => pair.Name, pair => (string?)pair.Value));
        var host = builder.Build();
        await host.StartAsync();
        var standalone = Assert.IsType<StandaloneHost>(host);
        Assert.Empty(standalone.Faults);
        return new TestHost(host, new HttpClient { BaseAddress = new Uri(standalone.Urls.First()) });
    }

    /// <summary>A client of a queue as the application makes it: with the policies that the host has registered.</summary>
    public QueueClient Queue(string connection, string name)
    {
        var options = new QueueClientOptions();
        foreach (var policy in Services.GetServices<HttpPipelinePolicy>())
        {
            options.AddPolicy(policy, Azure.Core.HttpPipelinePosition.PerCall);
        }

        return new QueueClient(connection, name, options);
    }

    /// <summary>Stops the host as a signal does.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

/// <summary>What functions and host have done: lines of functions, and the log.</summary>
public sealed class Record : ILoggerProvider, ILogger
{
    /// <summary>What functions have noted.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>What was logged, without debug and trace.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>What functions wait for, where they wait.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many functions run now, and at most did.</summary>
    public (int Now, int Most) Running { get; private set; }

    /// <summary>Counts a function as running until its end.</summary>
    public void Enter()
    {
        lock (Lines)
        {
            Running = (Running.Now + 1, Math.Max(Running.Most, Running.Now + 1));
        }
    }

    /// <summary>The function ends.</summary>
    public void Leave()
    {
        lock (Lines)
        {
            Running = (Running.Now - 1, Running.Most);
        }
    }

    public void Dispose()
    {
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Information)
        {
            Log.Enqueue(formatter(state, exception));
        }
    }
}

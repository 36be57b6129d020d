using System.Reflection;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Azure.Functions.Worker.Queues;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Azure.Functions.Worker.Timers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// Builds an application of functions. Configuration, the later winning: appsettings.json, user secrets (in development), local.settings.json,
/// the environment, the command line.
/// </summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly FunctionPipeline _pipeline = new();
    private readonly List<string> _faults = [];
    private readonly StartState _state = new();
    private bool _withHttp;
    private bool _built;

    internal FunctionsApplicationBuilder(string[]? args)
    {
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = Directory.GetCurrentDirectory(),
            EnvironmentName = Variable("ASPNETCORE_ENVIRONMENT") ?? Variable("DOTNET_ENVIRONMENT") ?? Variable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Production,
        });
        Configure(args ?? []);
        ConfigureLogging();
        static string? Variable(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
    }

    /// <inheritdoc/>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>The configuration: sources may be added, values may be read at once.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _web.Environment;

    /// <inheritdoc/>
    public ILoggingBuilder Logging => _web.Logging;

    /// <inheritdoc/>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <inheritdoc cref="IHostApplicationBuilder.Services"/>
    public IServiceCollection Services => _web.Services;

    /// <summary>Where functions are looked for: by default the program's assembly.</summary>
    internal IEnumerable<Type>? FunctionTypes { get; set; }

    /// <summary>Makes the application. It can be made once.</summary>
    /// <exception cref="InvalidOperationException">It was made before.</exception>
    public IHost Build()
    {
        ThrowIfBuilt();
        _built = true;
        var plan = HostPlan.Make(Configuration, LoadHostJson(), FunctionTypes ?? HostPlan.EntryTypes(), _withHttp, _faults);
        AddHost(plan);
        AddServer(plan.Settings);
        return new StandaloneHost(_web.Build(), plan, _withHttp, _state);
    }

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <inheritdoc/>
    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ThrowIfBuilt();
        _pipeline.Add(middleware);
        return this;
    }

    internal void AddHttp()
    {
        _withHttp = true;

        // The executors and formatters of IActionResult.
        Services.AddMvcCore();
    }

    private void ThrowIfBuilt()
    {
        if (_built)
        {
            throw new InvalidOperationException("The application has already been built.");
        }
    }

    private void Configure(string[] args)
    {
        var root = _web.Environment.ContentRootPath;
        Configuration
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddJsonFile($"appsettings.{_web.Environment.EnvironmentName}.json", optional: true, reloadOnChange: false);
        if (_web.Environment.IsDevelopment() && Assembly.GetEntryAssembly() is { } entry)
        {
            Configuration.AddUserSecrets(entry, optional: true);
        }

        Configuration
            .AddInMemoryCollection(LocalSettings.Read(_faults, root, AppContext.BaseDirectory))
            .AddEnvironmentVariables("DOTNET_")
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables()
            .AddCommandLine(args);
    }

    private void ConfigureLogging()
    {
        // Levels of host.json and of the host's own choice come first, so that any setting of the application wins.
        var levels = LoadHostJson().GetSection("logging:logLevel").GetChildren()
            .ToDictionary(level => "Logging:LogLevel:" + level.Key, level => level.Value, StringComparer.OrdinalIgnoreCase);
        levels.TryAdd("Logging:LogLevel:Default", "Information");
        foreach (var noisy in (string[])["Microsoft.AspNetCore", "Microsoft.Hosting", "Microsoft.Extensions", "System.Net.Http", "Azure"])
        {
            levels.TryAdd("Logging:LogLevel:" + noisy, "Warning");
        }

        ((IConfigurationBuilder)Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = levels });
        Logging.AddConfiguration(Configuration.GetSection("Logging"));
        Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => _state.Started && level >= LogLevel.Warning);

        // Before the console's own, which reads Logging:Console, so that configuration wins: FormatterName json makes each record a line of JSON.
        Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Simple);
        Services.Configure<SimpleConsoleFormatterOptions>(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        Services.Configure<JsonConsoleFormatterOptions>(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        Services.Configure<LoggerFactoryOptions>(loggers => loggers.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId | ActivityTrackingOptions.ParentId);
        Logging.AddConsole();
    }

    private IConfiguration LoadHostJson()
    {
        try
        {
            return HostJson.Load(AppContext.BaseDirectory, Configuration);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            var fault = $"{Path.Combine(AppContext.BaseDirectory, "host.json")} is not valid JSON: {e.InnerException?.Message ?? e.Message}";
            if (!_faults.Contains(fault))
            {
                _faults.Add(fault);
            }

            return new ConfigurationBuilder().Build();
        }
    }

    private void AddHost(HostPlan plan)
    {
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton(plan);
        Services.AddSingleton(_pipeline);
        Services.AddSingleton<RunningFunctions>();
        Services.AddSingleton<FunctionRunner>();
        Services.AddSingleton<StorageOutage>();
        Services.AddSingleton<QueueWake>();
        Services.AddSingleton<HttpPipelinePolicy, QueueWakePolicy>();
        Services.AddSingleton<StorageService>();

        // Storage before whatever the application starts, work after it. All stop at once: each waits for its own.
        Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(services => services.GetRequiredService<StorageService>()));
        Services.AddHostedService<DrainService>();
        Services.AddHostedService<QueueService>();
        Services.AddHostedService<TimerService>();
        Services.Configure<HostOptions>(options =>
        {
            options.ServicesStopConcurrently = true;
            options.ShutdownTimeout = plan.Settings.Grace + DrainService.AfterGrace;
        });
    }

    private void AddServer(HostSettings settings)
    {
        if (!_withHttp)
        {
            Services.AddSingleton<IServer, NoServer>();
            return;
        }

        // Without the configuration section of Kestrel, which could name addresses that the rule about loopback does not see.
        _web.WebHost.UseKestrelCore();
        Services.AddRoutingCore();
        if (settings.Certificate is { } files)
        {
            AddHttps(files);
        }

        Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = settings.MaxRequestBodySize;
        });
    }
    private void AddHttps(CertificateFiles files)
    {
        _web.WebHost.UseKestrelHttpsConfiguration();
        Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ServerCertificate>(services, files));
        Services.AddOptions<KestrelServerOptions>().Configure<ServerCertificate>((options, certificate) => options.ConfigureHttpsDefaults(https =>
        {
            // The framework asks for a certificate or a selector; the context, which excludes both, has the chain too.
            https.ServerCertificateSelector = (_, _) => certificate.Current().TargetCertificate;
            https.OnAuthenticate = (_, handshake) =>
            {
                handshake.ServerCertificateSelectionCallback = null;
                handshake.ServerCertificateContext = certificate.Current();
            };
        }));
    }
}

using Azure.Core.Pipeline;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Functions.Access;
using Pushcart.Git;
using Pushcart.Health;
using Pushcart.Inspection;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Resources.KeyVault;
using Pushcart.Resources.Stored;
using Pushcart.Settings;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tokens;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Status;
using Pushcart.Triggers.Steering;
using Pushcart.Webhooks;
using Pushcart.Webhooks.Managed;
using Pushcart.Workers.Serving;

namespace Pushcart.Functions;

/// <summary>Puts Pushcart together: which settings, which storage, which executor.</summary>
internal static class Composition
{
    /// <summary>Key of the handler that carries storage calls; tests register one that counts or fails.</summary>
    public const string StorageTransport = "storage";

    // A name that is none of these would quietly be the first.
    private static readonly string[] s_logFormats = ["simple", "json", "systemd"];

    /// <summary>Values of the settings that bindings name, where configuration has none. In Azure they are app settings: the Functions host reads them before this process starts.</summary>
    public static IReadOnlyDictionary<string, string?> Defaults { get; } = new Dictionary<string, string?>
    {
        ["Storage:Prefix"] = new StorageSettings().Prefix,
        ["Poll:Schedule"] = new PollSettings().Schedule,
        ["Observe:Schedule"] = "*/15 * * * * *",
        ["CleanHistory:Schedule"] = "0 0 * * * *",
        ["Hooks:Schedule"] = "0 30 * * * *",
    };

    /// <summary>Adds everything.</summary>
    /// <returns>All that is wrong with the configuration; nothing must be started then.</returns>
    public static IReadOnlyList<string> AddPushcart(IServiceCollection services, IConfiguration configuration, IHostEnvironment environment, CommandLine options)
    {
        var reader = new SettingsReader(configuration);
        var storage = reader.Read<StorageSettings>();
        var jobs = reader.Read<JobSettings>();
        jobs.Check(reader);
        var checks = reader.Read<CheckSettings>();
        checks.Check(reader);
        var poll = reader.Read<PollSettings>();
        var git = reader.Read<GitSettings>();
        git.Check(reader);
        var webhooks = reader.Read<WebhookSettings>();
        webhooks.Check(reader);
        var tokens = reader.Read<TokenSettings>();
        tokens.Check(reader);
        var health = reader.Read<HealthSettings>();
        var format = configuration["Logging:Console:FormatterName"];
        reader.Require(
            string.IsNullOrEmpty(format) || s_logFormats.Contains(format),
            $"Logging:Console:FormatterName: '{format}' is not known; it is {string.Join(", ", s_logFormats)}");
        var workers = reader.Read<WorkerSettings>();
        if (options.IsWorker && string.IsNullOrEmpty(configuration["Workers:LongPoll"]))
        {
            // Under Azure Functions a held request is paid compute.
            workers = workers with { LongPoll = false };
        }

        var clients = new ClientAddress(configuration["Host:TrustedProxies"]);
        reader.Require(clients.Error is null, clients.Error ?? "");
        var (url, urlError) = PublicUrl.Read(configuration["PublicUrl"]);
        reader.Require(urlError is null, urlError ?? "");
        var connection = StorageConnection.Read(configuration, reader, KubeConnection.AzureIdentity);
        reader.Require(storage.HasValidPrefix, $"Storage:Prefix: '{storage.Prefix}' is not 3 to 20 lower-case letters and digits, a letter first");
        var executor = options.Executor ?? configuration["Executor"] ?? "process";
        var isKubernetes = executor == "kubernetes";
        reader.Require(executor is "kubernetes" or "process" or "none", $"Executor: '{executor}' is not known; it is process, kubernetes or none");
        reader.Require(
            executor != "process" || environment.IsDevelopment(),
            "Executor: the process executor runs jobs on this machine, unconfined, and is for development only; set DOTNET_ENVIRONMENT=Development, or Executor to kubernetes");
        var secrets = configuration["Secrets:From"] ?? (isKubernetes ? "kubernetes" : "configuration");
        reader.Require(
            secrets is "configuration" or "keyvault" || (secrets == "kubernetes" && isKubernetes),
            $"Secrets:From: '{secrets}' is not known; it is configuration, keyvault, or kubernetes with the executor of that name");
        var vault = reader.Read<KeyVaultSettings>();
        if (secrets == "keyvault")
        {
            vault.Check(reader);
            services.AddSingleton<ISecrets>(s => new KeyVaultSecrets(vault, KubeConnection.AzureIdentity(null), s.GetRequiredService<TimeProvider>()));
        }

        services.AddSingleton(storage);
        services.AddSingleton(jobs);
        services.AddSingleton(reader.Read<HistorySettings>());
        services.AddSingleton(checks);
        services.AddSingleton(poll);
        services.AddSingleton(git);
        services.AddSingleton(webhooks);
        services.AddSingleton(tokens);
        services.AddSingleton(workers);
        services.AddSingleton(clients);
        services.AddSingleton(health);
        services.AddSingleton(url ?? new((string?)null));
        GitHubProvider.Add(services, reader);
        OpenTelemetryExport.Add(services, configuration, reader);
        if (isKubernetes)
        {
            KubernetesExecution.Add(services, reader, options, secrets == "kubernetes");
        }

        if (reader.Errors.Count > 0)
        {
            return reader.Errors;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Chance.System);
        AddStorage(services, connection!);
        AddInspection(services);
        AddResources(services, configuration);
        AddTokens(services);
        AddWorkers(services);
        AddTriggers(services);
        AddWebhooks(services, configuration);
        AddJobs(services);
        AddHealth(services, configuration);
        services.AddSingleton(new ResourceRules(NeedsImages: executor != "process"));
        if (executor == "none")
        {
            services.AddSingleton<IExecutor, NoExecutor>();
            services.AddSingleton<IKnownWorkers>(s => new OnlyRegistered(s.GetRequiredService<KnownWorkers>()));
        }

        if (executor == "process")
        {
            ProcessExecution.Add(services, environment);
            services.AddSingleton(s => ActivatorUtilities.CreateInstance<ProcessHostClaim>(
                s, Table(s, TableNames.Ticks), new HostIdentity(Environment.MachineName, environment.ContentRootPath)));
        }

        services.AddSingleton(options);
        services.AddHostedService<Startup>();
        return [];
    }

    private static void AddStorage(IServiceCollection services, StorageConnection connection)
    {
        services.AddSingleton(s => new StorageClients(
            connection,
            s.GetRequiredService<StorageSettings>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetKeyedService<HttpMessageHandler>(StorageTransport) ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
            s.GetServices<HttpPipelinePolicy>()));
        services.AddSingleton(s => new DeadLetters(Table(s, TableNames.Dead), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Chance>(), Log<DeadLetters>(s)));
    }

    private static void AddInspection(IServiceCollection services)
    {
        services.AddSingleton<QueueQueries>();
        services.AddSingleton<DeadLetterSteering>();
    }

    private static void AddResources(IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<ISecrets>(new ConfigurationSecrets(configuration));
        services.AddSingleton<SourceEndpoints>();
        services.AddSingleton(s => new Installation(Table(s, TableNames.Resources), s.GetRequiredService<Chance>()));
        services.AddSingleton(s => new ResourceStore(
            Table(s, TableNames.Resources), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Chance>(), Log<ResourceStore>(s), s.GetRequiredService<ResourceRules>()));
        services.AddSingleton<ResourceQueries>();
        services.AddSingleton(s => new GitClient(s.GetRequiredService<TimeProvider>()));
    }

    private static void AddTokens(IServiceCollection services)
    {
        services.AddSingleton<Audit>();
        services.AddSingleton<AccessRules>();
        services.AddSingleton<TokenCache>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<TokenStore>(s, Table(s, TableNames.Tokens)));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<FirstAdmin>(s, Table(s, TableNames.Tokens)));
        services.AddSingleton<ExpiringTokens>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<TokenVerification>(s, Table(s, TableNames.Tokens)));
    }

    private static void AddWorkers(IServiceCollection services)
    {
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<WorkerTokens>(s, Table(s, TableNames.Workers)));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<WorkerStore>(s, Table(s, TableNames.Workers)));
        services.AddSingleton<KnownWorkers>();
        services.AddSingleton<IKnownWorkers>(s => s.GetRequiredService<KnownWorkers>());
        services.AddSingleton<Admission>();
        services.AddSingleton<Registering>();
        services.AddSingleton<CheckingIn>();
        services.AddSingleton<Claims>();
        services.AddSingleton<Returning>();
        services.AddSingleton<RunCalls>();
        services.AddSingleton<WorkerAdministration>();
        services.AddSingleton<WorkerCleaning>();
    }

    private static void AddWebhooks(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(s => new ManagedSecret(s.GetRequiredService<WebhookSettings>().Key));
        services.AddSingleton(new ProviderSecrets(configuration));
        services.AddSingleton<HookLimits>();
        services.AddSingleton<TriggerHooks>();
        services.AddSingleton<ProviderHooks>();
        services.AddSingleton<TaskQueries>();
        services.AddSingleton<HookUpkeep>();
        services.AddSingleton<Redelivering>();
        services.AddSingleton<ManagedHooks>();
    }

    private static void AddTriggers(IServiceCollection services)
    {
        services.AddSingleton(s => new LiveSources(Table(s, TableNames.Live)));
        services.AddSingleton(s => new CheckQueue(Queue(s, QueueNames.Checks)));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<Polling>(s, Table(s, TableNames.Ticks)));
        services.AddSingleton<Answering>();
        services.AddSingleton<Owing>();
        services.AddSingleton<Requesting>();
        services.AddSingleton<Checking>();
        services.AddSingleton<PoisonChecks>();
        services.AddSingleton<Applying>();
        services.AddSingleton<ResourceSteering>();
        services.AddSingleton<TriggerSteering>();
        services.AddSingleton<IOwedChecks, OwedChecks>();
        services.AddSingleton<SourceCleaning>();
        services.AddSingleton<DeliveryCleaning>();
        services.AddSingleton<TriggerCleaning>();
        services.AddSingleton<TriggerQueries>();
        services.AddSingleton<SourceTesting>();
        services.AddSingleton<SourceQueries>();
        services.AddSingleton<Explaining>();
    }

    private static void AddJobs(IServiceCollection services)
    {
        services.AddSingleton<Transitions>();
        services.AddSingleton<Submission>();
        services.AddSingleton<RunSpecs>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<JobStore>(s, Table(s, TableNames.Live)));
        services.AddSingleton(s => new History(Table(s, TableNames.History)));
        services.AddSingleton(s => new RunOutput(Table(s, TableNames.Logs)));
        services.AddSingleton<WaitingClaims>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<JobHints>(s, Queue(s, QueueNames.Jobs)));
        services.AddSingleton<HistoryCleaning>();
        services.AddSingleton<JobQueries>();
        services.AddSingleton<JobLogs>();
        services.AddSingleton<JobSteering>();
        services.AddSingleton<Reporting>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<Archiving>(s, Table(s, TableNames.Live)));
        services.AddSingleton<Orphans>();
        services.AddSingleton<Claiming>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<Observing>(s, Table(s, TableNames.Ticks)));
        services.AddSingleton<PoisonJobs>();
    }

    private static void AddHealth(IServiceCollection services, IConfiguration configuration)
    {
        var standalone = typeof(FunctionAttribute).Assembly.GetName().Name!.StartsWith("Pushcart.", StringComparison.Ordinal);
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<FreeCallers>(s, standalone));
        services.AddSingleton<PrometheusText>();
        services.AddSingleton(s => new TimerTicks(Table(s, TableNames.Ticks), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<InstallationState>();
        services.AddSingleton<IReadOnlyList<TimerPlan>>(
            [.. new[] { (TimerTicks.Poll, "Poll"), (TimerTicks.Observe, "Observe"), (TimerTicks.CleanHistory, "CleanHistory"), (TimerTicks.Hooks, "Hooks") }
                .Select(timer => new TimerPlan(timer.Item1, configuration[$"{timer.Item2}:Schedule"] ?? Defaults[$"{timer.Item2}:Schedule"]!))]);
        services.AddSingleton<Readiness>();
    }

    private static Table Table(IServiceProvider services, string name) => services.GetRequiredService<StorageClients>().Table(name);

    private static MessageQueue Queue(IServiceProvider services, string name) => services.GetRequiredService<StorageClients>().Queue(name);

    private static ILogger<T> Log<T>(IServiceProvider services) => services.GetRequiredService<ILogger<T>>();
}

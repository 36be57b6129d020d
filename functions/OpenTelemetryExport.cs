using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Pushcart.Health;
using Pushcart.Settings;
using Pushcart.Telemetry;

namespace Pushcart.Functions;

/// <summary>
/// Metrics, traces and logs over OTLP, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to. All other variables of OpenTelemetry's are read by its exporter. Nothing of it is loaded otherwise.
/// </summary>
internal static class OpenTelemetryExport
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Interval = "OTEL_METRIC_EXPORT_INTERVAL";

    /// <summary>Adds it, where it is asked for.</summary>
    /// <param name="services">Where.</param>
    /// <param name="configuration">The configuration; local.settings.json counts as the environment does.</param>
    /// <param name="reader">Takes what is wrong with it.</param>
    public static void Add(IServiceCollection services, IConfiguration configuration, SettingsReader reader)
    {
        if (configuration[Endpoint] is not { Length: > 0 } endpoint)
        {
            return;
        }

        var protocol = configuration[Protocol];
        var interval = configuration[Interval];
        var seconds = 60_000;
        reader.Require(
            Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps),
            $"{Endpoint}: it is not an address such as http://127.0.0.1:4317");
        reader.Require(string.IsNullOrEmpty(protocol) || protocol is "grpc" or "http/protobuf", $"{Protocol}: '{protocol}' is not known; it is grpc, or http/protobuf");
        reader.Require(
            string.IsNullOrEmpty(interval) || (int.TryParse(interval, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds > 0),
            $"{Interval}: '{interval}' is not a number of milliseconds");
        if (reader.Errors.Count == 0)
        {
            AddExport(services, configuration, TimeSpan.FromMilliseconds(seconds));
        }
    }

    private static void AddExport(IServiceCollection services, IConfiguration configuration, TimeSpan interval)
    {
        // The container ends them after everything that may still tell something.
        services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(own => own.AddSingleton(configuration))
            .SetResourceBuilder(Resource(configuration))
            .AddSource(Traces.SourceName)
            .AddOtlpExporter()
            .Build());
        services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(own => own.AddSingleton(configuration))
            .SetResourceBuilder(Resource(configuration))
            .AddMeter(Measures.MeterName)
            .AddOtlpExporter()
            .Build());
        services.AddLogging(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.IncludeScopes = true;
            options.SetResourceBuilder(Resource(configuration));
            options.AddOtlpExporter();
        }));
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<Running>(s, interval));
    }

    // The environment has the last word: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private static ResourceBuilder Resource(IConfiguration configuration) => ResourceBuilder.CreateEmpty()
        .AddService(configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "pushcart", serviceVersion: typeof(OpenTelemetryExport).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    /// <summary>Starts them, and reads what gauges show of storage as often as metrics are sent.</summary>
    private sealed class Running(TracerProvider traces, MeterProvider metrics, InstallationState state, TimeSpan interval, TimeProvider time, ILogger<Running> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            log.LogInformation("metrics, traces and logs are sent by OTLP ({Traces}, {Metrics})", traces.GetType().Name, metrics.GetType().Name);
            using var timer = new PeriodicTimer(interval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await state.ReadAsync(stoppingToken);
            }
        }
    }
}

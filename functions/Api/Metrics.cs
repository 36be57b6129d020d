using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Health;
using Pushcart.Telemetry;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>What Prometheus reads.</summary>
public sealed class MetricsApi(InstallationState state, PrometheusText text)
{
    /// <summary>What this process counts, and what storage says of the installation.</summary>
    [Function("Metrics")]
    [Access(Scope.Read, OfCluster = true, FreeOnThisMachine = true)]
    [Returns(200, "text/plain", Meaning = "Prometheus' text format, version 0.0.4.")]
    public async Task<IResult> Metrics([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "metrics")] HttpRequest request, CancellationToken cancellation)
    {
        await state.ReadAsync(cancellation);
        return Results.Text(text.Write(), PrometheusText.ContentType);
    }
}

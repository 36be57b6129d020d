using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>All that the host has found out before it starts: its settings, host.json, the functions.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="HostJson">What host.json tells.</param>
/// <param name="Functions">The functions.</param>
/// <param name="Faults">What keeps it from starting: a line each, for its user. Empty: it may start.</param>
internal sealed record HostPlan(HostSettings Settings, HostJson HostJson, FunctionCatalog Functions, IReadOnlyList<string> Faults)
{
    /// <summary>Makes the plan.</summary>
    /// <param name="configuration">The application's configuration.</param>
    /// <param name="hostJsonFile">The configuration of host.json.</param>
    /// <param name="types">Where functions are looked for.</param>
    /// <param name="withHttp">Whether the application has asked for HTTP.</param>
    /// <param name="faults">What is known to be wrong already.</param>
    public static HostPlan Make(IConfiguration configuration, IConfiguration hostJsonFile, IEnumerable<Type> types, bool withHttp, IEnumerable<string> faults)
    {
        List<string> all = [.. faults];
        var settings = HostSettings.Read(configuration, all);
        var hostJson = HostJson.Read(hostJsonFile, all);
        hostJson = hostJson with { Queues = hostJson.Queues with { Hidden = settings.MessageHidden } };
        var functions = new FunctionDiscovery(configuration, hostJson, settings, all).Find(types);
        if (functions.Http.Count > 0 && !withHttp)
        {
            all.Add($"function {functions.Http[0].Method.Name} has a HttpTrigger, but HTTP is not set up: call builder.ConfigureFunctionsWebApplication()");
        }

        return new HostPlan(settings, hostJson, functions, all);
    }

    /// <summary>The types of the program.</summary>
    public static IEnumerable<Type> EntryTypes() => Assembly.GetEntryAssembly()?.GetTypes() ?? [];
}

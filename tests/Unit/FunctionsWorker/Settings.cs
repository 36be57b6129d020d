using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Pushcart.Tests.Unit.FunctionsWorker;

/// <summary>Configuration as a test gives it.</summary>
internal static class Settings
{
    /// <summary>Configuration of names and values.</summary>
    public static IConfigurationRoot Of(params (string Name, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(pair => pair.Name, pair => pair.Value)).Build();

    /// <summary>The plan of a host for these types; valid but for what the values change.</summary>
    public static HostPlan Plan(Type[] types, params (string Name, string? Value)[] values)
    {
        var configuration = Of([("AzureWebJobsStorage", "UseDevelopmentStorage=true"), .. values]);
        return HostPlan.Make(configuration, Of(("extensions:http:routePrefix", "")), types, withHttp: true, []);
    }
}

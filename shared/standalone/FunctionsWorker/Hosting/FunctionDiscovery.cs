using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Timers;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Finds the functions among types, and checks what their attributes say. Whatever is wrong is a fault that names the function.</summary>
internal sealed partial class FunctionDiscovery(IConfiguration configuration, HostJson hostJson, HostSettings settings, ICollection<string> faults)
{
    private readonly List<HttpFunction> _http = [];
    private readonly List<TimerFunction> _timers = [];
    private readonly List<QueueFunction> _queues = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All functions of the types.</summary>
    public FunctionCatalog Find(IEnumerable<Type> types)
    {
        const BindingFlags Any = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in types.SelectMany(type => type.GetMethods(Any)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function)
            {
                Add(function.Name, method);
            }
        }

        return new FunctionCatalog(_http, _timers, _queues);
    }

    private void Add(string name, MethodInfo method)
    {
        if (!ValidName().IsMatch(name))
        {
            faults.Add($"function {name}: its name must be a letter and then up to 127 letters, digits, _ and -");
        }
        else if (!_names.Add(name))
        {
            faults.Add($"function {name}: two functions have this name, the second in {method.DeclaringType}: rename one");
        }
        else if (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>) || method.ReturnType == typeof(ValueTask))
        {
            faults.Add($"function {name}: it returns a ValueTask, which Functions does not await: return a Task");
        }
        else
        {
            AddByTrigger(name, method);
        }
    }

    private void AddByTrigger(string name, MethodInfo method)
    {
        var triggers = method.GetParameters()
            .Select(parameter => (Parameter: parameter, Trigger: parameter.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(pair => pair.Trigger is not null)
            .ToList();
        if (triggers.Count != 1)
        {
            faults.Add($"function {name}: it has {triggers.Count} triggers; exactly one of its parameters must have one");
            return;
        }

        var (parameter, trigger) = triggers[0];
        var call = new FunctionMethod(name, method, parameter, trigger!);
        switch (trigger)
        {
            case HttpTriggerAttribute http:
                AddHttp(call, http);
                break;
            case TimerTriggerAttribute timer:
                AddTimer(call, timer);
                break;
            case QueueTriggerAttribute queue:
                AddQueue(call, queue);
                break;
            default:
                faults.Add($"function {name}: the standalone host has no {trigger!.GetType().Name}");
                break;
        }
    }

    private void AddHttp(FunctionMethod method, HttpTriggerAttribute trigger)
    {
        if (method.TriggerParameter.ParameterType != typeof(HttpRequest))
        {
            faults.Add($"function {method.Name}: HttpTrigger stands on a {method.TriggerParameter.ParameterType.Name}; it must stand on a HttpRequest");
            return;
        }

        var route = (trigger.Route ?? method.Name).Trim('/');
        var whole = hostJson.RoutePrefix.Length == 0 ? route : hostJson.RoutePrefix + "/" + route;
        if (route.Length == 0)
        {
            faults.Add($"function {method.Name}: its route is \"{trigger.Route}\", with which Azure Functions serves no route at all: give it a name");
            return;
        }

        try
        {
            _http.Add(new HttpFunction(method, RoutePatternFactory.Parse(whole), [.. (trigger.Methods ?? []).Select(one => one.ToUpperInvariant())]));
        }
        catch (RoutePatternException e)
        {
            faults.Add($"function {method.Name}: its route {whole} is not valid: {e.Message}");
        }
    }

    private void AddTimer(FunctionMethod method, TimerTriggerAttribute trigger)
    {
        if (SettingExpression.Resolve(trigger.Schedule, configuration, method.Name, faults) is not { } text)
        {
            return;
        }

        if (TimerSchedule.TryParse(text) is { } schedule)
        {
            _timers.Add(new TimerFunction(method, schedule, trigger.UseMonitor && !schedule.IsFrequent, trigger.RunOnStartup));
        }
        else
        {
            faults.Add($"function {method.Name}: its schedule {text} ({trigger.Schedule}) is not valid: it must have six fields, such as "
                + "0 */5 * * * * (seconds, minutes, hours, day, month, weekday; UTC), or be an interval, such as 00:05:00");
        }
    }

    private void AddQueue(FunctionMethod method, QueueTriggerAttribute trigger)
    {
        if (SettingExpression.Resolve(trigger.QueueName, configuration, method.Name, faults) is not { } queue)
        {
            return;
        }

        if (!ValidQueue().IsMatch(queue))
        {
            faults.Add($"function {method.Name}: its queue's name {queue} ({trigger.QueueName}) is not valid: it must have 3 to 63 lower-case letters, digits and single hyphens");
        }
        else if (ConnectionOf(trigger) is not { } connection)
        {
            faults.Add($"function {method.Name}: its connection {trigger.Connection} is not set: give this setting the connection string of a storage account");
        }
        else
        {
            _queues.Add(new QueueFunction(method, queue, connection));
        }
    }

    /// <summary>As the real host looks it up: also with the prefix <c>AzureWebJobs</c>.</summary>
    private string? ConnectionOf(QueueTriggerAttribute trigger) => trigger.Connection is not { Length: > 0 } name
        ? settings.StorageConnection
        : configuration["AzureWebJobs" + name] ?? configuration[name] ?? configuration.GetConnectionString(name);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,127}$")]
    private static partial Regex ValidName();

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ValidQueue();
}

using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;

namespace Pushcart.Tests.Support;

/// <summary>A function and what starts it, in one form: <c>timer SCHEDULE</c>, <c>queue NAME</c>, <c>http METHODS ROUTE</c>.</summary>
public sealed record ListedFunction(string Name, string Binding);

/// <summary>The functions of this project: those that the standalone host finds in the assembly, and those that stand in the source, from which the real worker's SDK makes its list.</summary>
public static partial class FunctionList
{
    /// <summary>By reflection.</summary>
    public static IReadOnlyList<ListedFunction> OfAssembly() =>
    [
        .. from type in typeof(Pushcart.Functions.Composition).Assembly.GetTypes()
           from method in type.GetMethods()
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           orderby function.Name
           select new ListedFunction(function.Name, BindingOf(method)),
    ];

    /// <summary>By the text of the files that either host compiles.</summary>
    public static IReadOnlyList<ListedFunction> OfSource() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(ProjectFolder.Path, "functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Function().Matches(File.ReadAllText(file)))
            .Select(m => new ListedFunction(m.Groups["name"].Value, m.Groups["kind"].Value switch
            {
                "Timer" => $"timer {First().Match(m.Groups["arguments"].Value).Groups[1].Value}",
                "Queue" => $"queue {First().Match(m.Groups["arguments"].Value).Groups[1].Value}",
                _ => $"http {string.Join(',', Words().Matches(m.Groups["arguments"].Value.Split("Route")[0]).Select(w => w.Groups[1].Value))} {Route().Match(m.Groups["arguments"].Value).Groups[1].Value}",
            }))
            .OrderBy(f => f.Name, StringComparer.Ordinal),
    ];

    private static string BindingOf(MethodInfo method)
    {
        var parameters = method.GetParameters();
        return parameters.Select(p => p.GetCustomAttribute<TimerTriggerAttribute>()).FirstOrDefault(a => a is not null) is { } timer ? $"timer {timer.Schedule}"
            : parameters.Select(p => p.GetCustomAttribute<QueueTriggerAttribute>()).FirstOrDefault(a => a is not null) is { } queue ? $"queue {queue.QueueName}"
            : parameters.Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(a => a is not null) is { } http ? $"http {string.Join(',', http.Methods ?? [])} {http.Route}"
            : "";
    }

    [GeneratedRegex("""\[Function\("(?<name>\w+)"\)\][\s\S]*?\[(?<kind>Timer|Queue|Http)Trigger\((?<arguments>[^)]*?)\)\]""")]
    private static partial Regex Function();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex First();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Words();

    [GeneratedRegex("Route = \"([^\"]*)\"")]
    private static partial Regex Route();
}

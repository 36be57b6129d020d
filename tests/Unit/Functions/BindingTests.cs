using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Functions;

/// <summary>
/// Both hosts have the same functions with the same bindings. Where the real packages are missing they are compared from source: the real worker's SDK reads the same files and the same attributes,
/// and makes no exception of any. What it and the Functions host ask of them is held here too.
/// </summary>
public sealed class BindingTests
{
    private static readonly IReadOnlyList<ListedFunction> s_functions = FunctionList.OfAssembly();
    private static readonly string s_project = Path.Combine(ProjectFolder.Path, "functions", "Functions.csproj");

    public static TheoryData<string> Names => [.. s_functions.Select(f => f.Name)];

    [Fact]
    public void The_source_has_the_functions_that_the_standalone_host_has_with_the_same_bindings()
    {
        Assert.True(s_functions.Count > 30);
        Assert.Equal(s_functions.OrderBy(f => f.Name, StringComparer.Ordinal), FunctionList.OfSource());
    }

    [Fact]
    public void Both_hosts_compile_the_same_files()
    {
        foreach (var item in XDocument.Load(s_project).Descendants("Compile").Concat(XDocument.Load(s_project).Descendants("DefineConstants")))
        {
            Assert.Fail($"Functions.csproj chooses what is compiled: {item}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_is_one_that_the_Functions_host_takes(string name)
    {
        var binding = s_functions.First(f => f.Name == name).Binding;
        Assert.Matches("^[A-Za-z][A-Za-z0-9_-]{0,127}$", name);
        var words = binding.Split(' ');
        switch (words[0])
        {
            case "timer":
                Assert.Matches("^%[A-Z][A-Za-z]+:Schedule%$", words[1]);
                break;
            case "queue":
                Assert.Contains(words[1], QueueNames.All.Select(queue => $"%Storage:Prefix%{queue}"));
                break;
            case "http":
                // A route "/", or none, leaves the app without any; admin is the host's own.
                Assert.Matches("^[a-z]", words[2]);
                Assert.DoesNotMatch("^(admin|runtime)(/|$)", words[2]);
                Assert.Matches("^(get|post|put|delete)(,(get|post|put|delete))*$", words[1]);
                break;
            default:
                Assert.Fail($"{name} has no trigger that both hosts know");
                break;
        }
    }

    [Fact]
    public void Names_differ_by_more_than_case_and_no_two_routes_take_the_same_call()
    {
        Assert.Equal(s_functions.Count, s_functions.Select(f => f.Name.ToUpperInvariant()).Distinct().Count());
        var routes = s_functions.Where(f => f.Binding.StartsWith("http ", StringComparison.Ordinal))
            .SelectMany(f => f.Binding.Split(' ')[1].Split(',').Select(method => (method, Regex.Replace(f.Binding.Split(' ')[2], @"\{[^}]*\}", "{}")))).ToList();
        Assert.Equal(routes.Count, routes.Distinct().Count());
    }

    [Fact]
    public void Triggers_stand_on_what_the_real_worker_converts_to_and_queues_name_no_connection_of_their_own()
    {
        foreach (var method in typeof(Pushcart.Functions.Composition).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null))
        {
            Assert.True(method.DeclaringType!.IsPublic && method.IsPublic, $"{method.Name}: the worker's SDK finds public methods of public classes only");
            foreach (var parameter in method.GetParameters())
            {
                Assert.Equal(parameter.GetCustomAttribute<HttpTriggerAttribute>() is not null, parameter.ParameterType == typeof(HttpRequest));
                Assert.Equal(parameter.GetCustomAttribute<TimerTriggerAttribute>() is not null, parameter.ParameterType == typeof(TimerInfo));

                // Without a name it is AzureWebJobsStorage, which infra gives as an identity's.
                Assert.Null(parameter.GetCustomAttribute<QueueTriggerAttribute>()?.Connection);
            }

            Assert.True(method.ReturnType == typeof(Task) || method.ReturnType == typeof(IResult) || method.ReturnType == typeof(Task<IResult>), $"{method.Name} returns {method.ReturnType}");
        }
    }
}

using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.Api;
using Pushcart.Tests.Support;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Functions.Access;

/// <summary>Who may call which function is declared beside it.</summary>
public sealed partial class AccessTests
{
    private static readonly List<MethodInfo> s_functions = HttpFunctions(typeof(AccessRules).Assembly.GetTypes());

    [Fact]
    public void Every_http_function_declares_who_may_call_it()
    {
        Assert.True(s_functions.Count >= 15);
        Assert.Empty(Undeclared(s_functions));
        Assert.Equal("Forgotten", Assert.Single(Undeclared(HttpFunctions([typeof(Sample)]))));
    }

    [Fact]
    public void Without_a_token_only_these_can_be_called() => Assert.Equal(
        ["Live", "OpenApi", "ProviderHook", "Ready", "RejoinWorker", "TriggerHook"],
        s_functions.Where(f => f.GetCustomAttribute<AccessRuleAttribute>() is not AccessAttribute).Select(f => f.GetCustomAttribute<FunctionAttribute>()!.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_no_GET_takes_more_than_to_read_and_tokens_take_an_admin_of_the_cluster()
    {
        foreach (var function in s_functions.Where(f => f.GetCustomAttribute<AccessAttribute>() is not null))
        {
            var (access, trigger) = (function.GetCustomAttribute<AccessAttribute>()!, TriggerOf(function)!);
            Assert.True(access.Scope != Scope.Read || trigger.Methods!.SequenceEqual(["get"]), $"{function.Name} takes read, and is {string.Join(' ', trigger.Methods!)}");
            Assert.Equal(
                trigger.Route!.StartsWith("api/tokens", StringComparison.Ordinal)
                    || (trigger.Route.StartsWith("api/workers", StringComparison.Ordinal) && access.Scope is not (Scope.Read or Scope.Worker or Scope.Register)),
                access is { Scope: Scope.Admin, OfCluster: true });
            Assert.True(access.Scope is not (Scope.Worker or Scope.Register) || trigger.Route.StartsWith("api/workers/", StringComparison.Ordinal), trigger.Route);
            Assert.True(!access.Routine || access.Scope == Scope.Worker, $"{function.Name} changes things, and the audit does not tell of it");
            Assert.Equal(AuthorizationLevel.Anonymous, trigger.AuthLevel);
        }
    }

    [Fact]
    public void Every_code_of_an_error_is_in_the_catalogue_and_the_catalogue_has_no_other()
    {
        var root = Path.Combine(ProjectFolder.Path);
        var used = new[] { "functions", "shared/Pushcart/Tokens" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.EndsWith("/ErrorCodes.cs", StringComparison.Ordinal))
            .SelectMany(file => Codes().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .ToHashSet();

        Assert.Empty(used.Except(ErrorCodes.All));
        var constants = typeof(ErrorCodes).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Empty(ErrorCodes.All.Except(used).Except(constants).Except(RefusalCodes.All.Select(code => code.Name)));
        Assert.All(ErrorCodes.All, code => Assert.InRange(ErrorCodes.StatusOf(code), 400, 599));
    }

    private static List<MethodInfo> HttpFunctions(IEnumerable<Type> types) =>
        [.. types.SelectMany(t => t.GetMethods()).Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null && TriggerOf(m) is not null)];

    private static IEnumerable<string> Undeclared(IEnumerable<MethodInfo> functions) => functions.Where(f => f.GetCustomAttributes<AccessRuleAttribute>().Count() != 1).Select(f => f.Name);

    private static HttpTriggerAttribute? TriggerOf(MethodInfo method) => method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).SingleOrDefault(t => t is not null);

    // Codes stand as whole literals, in the areas that the API has.
    [GeneratedRegex("\"((?:action|auth|dead|git|idempotency|jobs|queues|request|source|sources|storage|tasks|tokens)\\.[a-z_]+)\"")]
    private static partial Regex Codes();

    internal sealed class Sample
    {
        [Function("Forgotten")]
        public static string Forgotten([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "forgotten")] HttpRequest request) => request.Path;
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Pushcart.Functions.Access;

/// <summary>The rule that a function declares, found by the full name of its method, which is all that either host tells of it.</summary>
internal sealed class AccessRules
{
    private readonly ConcurrentDictionary<string, AccessRuleAttribute?> _rules = [];

    /// <summary>The rule of a function; null where it declares none.</summary>
    public AccessRuleAttribute? Of(FunctionDefinition function) => _rules.GetOrAdd(function.EntryPoint, Find);

    private static AccessRuleAttribute? Find(string entryPoint)
    {
        var dot = entryPoint.LastIndexOf('.');
        return typeof(AccessRules).Assembly.GetType(entryPoint[..dot])?
            .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(method => method.Name == entryPoint[(dot + 1)..] && method.GetCustomAttribute<FunctionAttribute>() is not null)
            .Select(method => method.GetCustomAttribute<AccessRuleAttribute>())
            .SingleOrDefault();
    }
}

using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>The method of a function: how its class is made and how it is called.</summary>
internal sealed class FunctionMethod
{
    private readonly MethodInfo _method;
    private readonly Lazy<ObjectFactory?> _factory;
    private readonly PropertyInfo? _result;

    public FunctionMethod(string name, MethodInfo method, ParameterInfo triggerParameter, TriggerBindingAttribute trigger)
    {
        _method = method;
        _factory = new Lazy<ObjectFactory?>(() => method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, []));
        _result = typeof(Task).IsAssignableFrom(method.ReturnType) && method.ReturnType.IsGenericType ? method.ReturnType.GetProperty("Result") : null;
        Name = name;
        Parameters = method.GetParameters();
        TriggerParameter = triggerParameter;
        Definition = new MethodDefinition(this, trigger);
    }

    public string Name { get; }

    public ParameterInfo[] Parameters { get; }

    public ParameterInfo TriggerParameter { get; }

    public FunctionDefinition Definition { get; }

    /// <summary>Makes an instance of the class, calls the method, and disposes of the instance.</summary>
    public async Task<object?> CallAsync(IServiceProvider services, Func<ParameterInfo[], object?[]> bind)
    {
        var instance = _factory.Value?.Invoke(services, null);
        try
        {
            var returned = _method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, bind(Parameters), null);
            if (returned is not Task task)
            {
                return returned;
            }

            await task.ConfigureAwait(false);
            return _result?.GetValue(task);
        }
        finally
        {
            switch (instance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    private sealed class MethodDefinition(FunctionMethod function, TriggerBindingAttribute trigger) : FunctionDefinition
    {
        public override ImmutableArray<FunctionParameter> Parameters { get; } =
            [.. function.Parameters.Select(one => new FunctionParameter(one.Name!, one.ParameterType, one.HasDefaultValue, one.HasDefaultValue ? one.DefaultValue : null))];

        public override string PathToAssembly => function._method.DeclaringType!.Assembly.Location;

        public override string EntryPoint { get; } = $"{function._method.DeclaringType!.FullName}.{function._method.Name}";

        public override string Id => field ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EntryPoint + "|" + Name)))[..16];

        public override string Name => function.Name;

        public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
            ImmutableDictionary<string, BindingMetadata>.Empty.Add(
                function.TriggerParameter.Name!, new MethodBinding(function.TriggerParameter.Name!, KindOf(trigger), BindingDirection.In));

        public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } = trigger is HttpTriggerAttribute
            ? ImmutableDictionary<string, BindingMetadata>.Empty.Add("$return", new MethodBinding("$return", "http", BindingDirection.Out))
            : ImmutableDictionary<string, BindingMetadata>.Empty;

        /// <summary>As the real worker names them: <c>httpTrigger</c> of <see cref="HttpTriggerAttribute"/>.</summary>
        private static string KindOf(TriggerBindingAttribute trigger)
        {
            var name = trigger.GetType().Name[..^"Attribute".Length];
            return char.ToLowerInvariant(name[0]) + name[1..];
        }
    }

    private sealed class MethodBinding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}

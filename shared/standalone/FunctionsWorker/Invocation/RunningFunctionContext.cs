using System.Collections;

namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>The context of one run in the standalone host.</summary>
internal sealed class RunningFunctionContext : FunctionContext
{
    private readonly TriggerInput _input;

    public RunningFunctionContext(FunctionMethod function, TriggerInput input, IServiceProvider services, string invocationId, CancellationToken cancellationToken)
    {
        _input = input;
        InvocationId = invocationId;
        FunctionDefinition = function.Definition;
        InstanceServices = services;
        CancellationToken = cancellationToken;
        BindingContext = new Binding(input);
        RetryContext = new Retry();
        if (input.Http is not null)
        {
            Items[FunctionContextExtensions.HttpContextKey] = input.Http;
        }

        Features.Set<InvocationResult>(new Result());
    }

    public TriggerInput Input => _input;

    public override string InvocationId { get; }

    public override string FunctionId => FunctionDefinition.Id;

    public override TraceContext TraceContext { get; } = new Trace(System.Diagnostics.Activity.Current);

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext { get; }

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition { get; }

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new FeatureCollection();

    public override CancellationToken CancellationToken { get; }

    private sealed class Binding(TriggerInput input) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => input.Data;
    }

    /// <summary>Of retry policies, which no trigger here has. The tries of a message are its <c>DequeueCount</c>, under both hosts.</summary>
    private sealed class Retry : RetryContext
    {
        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class Trace(System.Diagnostics.Activity? activity) : TraceContext
    {
        public override string TraceParent => activity?.Id ?? string.Empty;

        public override string TraceState => activity?.TraceStateString ?? string.Empty;
    }

    private sealed class Result : InvocationResult
    {
        public override object? Value { get; set; }
    }

    private sealed class FeatureCollection : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> _features = [];

        public void Set<T>(T instance) => _features[typeof(T)] = instance!;

        public T? Get<T>() => _features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

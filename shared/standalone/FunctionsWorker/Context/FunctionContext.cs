namespace Microsoft.Azure.Functions.Worker;

/// <summary>One run of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>Id of this run.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Id of the function, the same for each of its runs.</summary>
    public abstract string FunctionId { get; }

    /// <summary>Where the run stands in a distributed trace.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>What came with the trigger.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>How often the host has tried.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this run's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>What middleware and function share during this run.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Features by type.</summary>
    public abstract IInvocationFeatures Features { get; }

    /// <summary>Fires when the run must end: the host stops, and its grace is over.</summary>
    public virtual CancellationToken CancellationToken { get; } = CancellationToken.None;
}

/// <summary>What came with the trigger.</summary>
public abstract class BindingContext
{
    /// <summary>The trigger's data by name: the values of the route, the properties of the message.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}

/// <summary>Where a run stands in a distributed trace.</summary>
public abstract class TraceContext
{
    /// <summary>W3C <c>traceparent</c>; empty without a trace.</summary>
    public abstract string TraceParent { get; }

    /// <summary>W3C <c>tracestate</c>; empty without a trace.</summary>
    public abstract string TraceState { get; }

    /// <summary>Attributes of the trace.</summary>
    public virtual IReadOnlyDictionary<string, string> Attributes => new Dictionary<string, string>();

    /// <summary>Baggage of the trace.</summary>
    public virtual IReadOnlyDictionary<string, string> Baggage => new Dictionary<string, string>();
}

/// <summary>How often the host has tried.</summary>
public abstract class RetryContext
{
    /// <summary>Tries before this one.</summary>
    public abstract int RetryCount { get; }

    /// <summary>Tries at most.</summary>
    public abstract int MaxRetryCount { get; }
}

/// <summary>Features of a run by type.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    /// <summary>Sets a feature.</summary>
    /// <param name="instance">The feature.</param>
    void Set<T>(T instance);

    /// <summary>The feature of a type, or null.</summary>
    T? Get<T>();
}

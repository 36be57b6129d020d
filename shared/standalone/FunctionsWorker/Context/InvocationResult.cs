namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a run has returned.</summary>
public abstract class InvocationResult : InvocationResult<object>
{
}

/// <summary>What a run has returned.</summary>
/// <typeparam name="T">Its type.</typeparam>
public abstract class InvocationResult<T>
{
    /// <summary>What the function has returned; middleware may replace it.</summary>
    public abstract T? Value { get; set; }
}

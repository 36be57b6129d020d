namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>What ties a function to something outside.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class BindingAttribute : Attribute
{
}

/// <summary>What starts a function. It stands on the parameter that gets what has come in.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class TriggerBindingAttribute : BindingAttribute
{
}

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function, which its trigger starts.</summary>
/// <param name="name">Its name, unique in the application.</param>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    /// <summary>Its name, unique in the application.</summary>
    public string Name { get; } = name;
}

using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function for each request of a route.</summary>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Any method, with a function key.</summary>
    public HttpTriggerAttribute()
    {
        AuthLevel = AuthorizationLevel.Function;
    }

    /// <summary>These methods, without a key.</summary>
    /// <param name="methods">The methods, such as <c>get</c>.</param>
    public HttpTriggerAttribute(params string[] methods)
    {
        Methods = methods;
    }

    /// <summary>Any method.</summary>
    /// <param name="authLevel">Which key Azure asks for.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel)
    {
        AuthLevel = authLevel;
    }

    /// <summary>These methods.</summary>
    /// <param name="authLevel">Which key Azure asks for.</param>
    /// <param name="methods">The methods, such as <c>get</c>.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>The route below the prefix of host.json, in ASP.NET Core's syntax; null: the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>The methods served; null or empty: all.</summary>
    public string[]? Methods { get; private set; }

    /// <summary>Which key Azure asks for. The standalone host has no keys and asks for none.</summary>
    public AuthorizationLevel AuthLevel { get; private set; }
}

/// <summary>Which key Azure asks for before an HTTP function runs.</summary>
public enum AuthorizationLevel
{
    /// <summary>None.</summary>
    Anonymous = 0,

    /// <summary>A user's token.</summary>
    User = 1,

    /// <summary>A key of the function.</summary>
    Function = 2,

    /// <summary>A key of the system.</summary>
    System = 3,

    /// <summary>The master key.</summary>
    Admin = 4,
}

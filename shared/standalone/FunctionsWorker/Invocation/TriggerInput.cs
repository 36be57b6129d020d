using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>What a trigger hands to a function.</summary>
internal sealed record TriggerInput
{
    /// <summary>Nothing but values of other names.</summary>
    public static IReadOnlyDictionary<string, object?> NoData { get; } = new Dictionary<string, object?>();

    /// <summary>The value for the trigger's own parameter, in the forms in which it is there; the first that fits is taken.</summary>
    public required IReadOnlyList<object> Forms { get; init; }

    /// <summary>Values for parameters by name, in any case.</summary>
    public IReadOnlyDictionary<string, object?> Data { get; init; } = NoData;

    /// <summary>The request, where one is behind it.</summary>
    public HttpContext? Http { get; init; }
}

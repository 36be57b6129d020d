using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>Gives each parameter of a function its value, by type, by the trigger, or by name.</summary>
internal static class ParameterBinding
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>The values of all parameters.</summary>
    /// <exception cref="FunctionInputException">A parameter cannot be given a value.</exception>
    public static object?[] Bind(FunctionMethod function, ParameterInfo[] parameters, FunctionContext context, TriggerInput input) =>
        [.. parameters.Select(parameter => Bind(function, parameter, context, input))];

    private static object? Bind(FunctionMethod function, ParameterInfo parameter, FunctionContext context, TriggerInput input)
    {
        var type = parameter.ParameterType;
        if (type == typeof(FunctionContext))
        {
            return context;
        }

        if (type == typeof(CancellationToken) || type == typeof(CancellationToken?))
        {
            return context.CancellationToken;
        }

        if (type == typeof(HttpRequest) && input.Http is not null)
        {
            return input.Http.Request;
        }

        var forms = parameter == function.TriggerParameter ? input.Forms
            : input.Data.TryGetValue(parameter.Name!, out var value) && value is not null ? [value] : [];
        if (forms.Count > 0)
        {
            return Convert(function, parameter, forms);
        }

        if (parameter.HasDefaultValue)
        {
            return parameter.DefaultValue;
        }

        return !type.IsValueType || Nullable.GetUnderlyingType(type) is not null
            ? null
            : throw new FunctionInputException($"nothing has a value for its parameter {parameter.Name}: give the parameter a default, or make it nullable");
    }

    private static object? Convert(FunctionMethod function, ParameterInfo parameter, IReadOnlyList<object> forms)
    {
        if (forms.FirstOrDefault(parameter.ParameterType.IsInstanceOfType) is { } same)
        {
            return same;
        }

        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var text = forms.OfType<string>().FirstOrDefault() ?? JsonSerializer.Serialize(forms[0], forms[0].GetType(), Json);
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(byte[]))
        {
            return System.Text.Encoding.UTF8.GetBytes(text);
        }

        if (type == typeof(Guid) && Guid.TryParse(text, out var id))
        {
            return id;
        }

        try
        {
            return JsonSerializer.Deserialize(text, type, Json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // The value itself stays out of the message: it may hold what must not be logged.
            var what = parameter == function.TriggerParameter ? "what has come in" : "the value";
            throw new FunctionInputException($"{what} is no {type.Name}, which its parameter {parameter.Name} asks for: {e.Message}", e);
        }
    }
}

/// <summary>A parameter of a function cannot be given a value.</summary>
internal sealed class FunctionInputException(string message, Exception? inner = null) : Exception(message, inner);

using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Pushcart.Functions.Api;

/// <summary>Answers of the API: JSON; errors are <c>{"code","message"}</c>.</summary>
internal static class Answers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>200 with the value.</summary>
    public static IResult Ok<T>(T value) where T : class => Results.Json(value, Json);

    /// <summary>200 with the value, or 404.</summary>
    public static IResult Found<T>(T? value, string code, string message) where T : class => Value(value, StatusCodes.Status404NotFound, code, message);

    /// <summary>200 with the value, or 400.</summary>
    public static IResult Valid<T>(T? value, string code, string message) where T : class => Value(value, StatusCodes.Status400BadRequest, code, message);

    private static IResult Value<T>(T? value, int otherwise, string code, string message) where T : class =>
        value is null ? Results.Json(new { code, message }, Json, statusCode: otherwise) : Results.Json(value, Json);
}

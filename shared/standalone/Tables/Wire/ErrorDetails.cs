using System.Globalization;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>Reads the service's error: <c>{"odata.error":{"code":"…","message":{"value":"…"}}}</c>; in a transaction the message begins with the change's position.</summary>
internal sealed class ErrorDetails : RequestFailedDetailsParser
{
    internal static ErrorDetails Parser { get; } = new();

    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        (error, data) = (Body(response), null);
        if (error is null && response.Headers.TryGetValue("x-ms-error-code", out var code))
        {
            error = new ResponseError(code, null);
        }

        var colon = error?.Message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon > 0 && int.TryParse(error!.Message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            data = new Dictionary<string, string> { [TableTransactionFailedException.FailedEntity] = index.ToString(CultureInfo.InvariantCulture) };
        }

        return error is not null;
    }

    private static ResponseError? Body(Response response)
    {
        if (response.ContentStream is not { CanSeek: true, Length: > 0 } content)
        {
            return null;
        }

        try
        {
            content.Position = 0;
            using var json = JsonDocument.Parse(content);
            if (json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("odata.error", out var error)
                && error.TryGetProperty("code", out var code) && error.TryGetProperty("message", out var message))
            {
                return new ResponseError(code.GetString(), message.ValueKind == JsonValueKind.Object ? message.GetProperty("value").GetString() : message.GetString());
            }
        }
        catch (JsonException)
        {
            // A proxy's page, say. Status and text then tell what there is to tell.
        }
        finally
        {
            content.Position = 0;
        }

        return null;
    }
}

using System.Buffers.Text;
using System.Text;

namespace Pushcart.Storage;

/// <summary>Text of queue messages. They are plain JSON; a reader takes base64 too, as other tools send it.</summary>
public static class MessageText
{
    /// <summary>The JSON in a message's text.</summary>
    public static string Decode(string text)
    {
        var trimmed = text.Trim();
        return trimmed.Length > 0 && trimmed[0] is not '{' and not '[' && Base64.IsValid(trimmed)
            ? Encoding.UTF8.GetString(Convert.FromBase64String(trimmed))
            : text;
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pushcart.Providers.GitHub;

/// <summary>What a GitHub App proves by that it is itself: a JSON web token, signed with its key (RS256).</summary>
internal static class AppToken
{
    // GitHub allows 10 min from its own time; clocks may be apart.
    private static readonly TimeSpan s_before = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_after = TimeSpan.FromMinutes(8);
    private static readonly string s_header = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8);

    /// <summary>A token of that App, good for 8 minutes.</summary>
    public static string New(string appId, RSA key, DateTimeOffset now)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["iat"] = (now - s_before).ToUnixTimeSeconds(),
            ["exp"] = (now + s_after).ToUnixTimeSeconds(),
            ["iss"] = appId,
        });
        var signed = $"{s_header}.{Base64Url.EncodeToString(claims)}";
        var signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Webhooks;

/// <summary>What a request shows to prove that its sender knows the secret. Comparisons take the same time whatever is wrong.</summary>
internal abstract record Proof
{
    /// <summary>True where it was made with that secret. A line break at the end of a secret does not count, and an empty secret proves nothing.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="signed">What may have been signed: the raw body first.</param>
    public bool IsBy(string secret, IReadOnlyList<ReadOnlyMemory<byte>> signed)
    {
        var bytes = Encoding.UTF8.GetBytes(secret.TrimEnd('\r', '\n'));
        return bytes.Length > 0 && IsBy(bytes, signed);
    }

    /// <summary>True where a header's value equals a secret.</summary>
    public static bool Equal(string value, string secret) => new Shared(value).IsBy(secret, []);

    /// <summary>Reads hexadecimal HMAC-SHA256; null where it is none, of whatever length.</summary>
    public static Proof? OfHmac(string? hex, string prefix = "")
    {
        const int Digits = 2 * HMACSHA256.HashSizeInBytes;
        return hex is not null && hex.StartsWith(prefix, StringComparison.Ordinal) && hex.Length == prefix.Length + Digits && hex.AsSpan(prefix.Length).ContainsAnyExcept(s_hex) is false
            ? new Hmac(Convert.FromHexString(hex.AsSpan(prefix.Length)))
            : null;
    }

    /// <summary>Reads the password of basic authentication; null where it is none.</summary>
    public static Proof? OfBasic(string? authorization)
    {
        const string Scheme = "Basic ";
        var bytes = new byte[3 * 1024];
        if (authorization is null || authorization.Length > 4 * 1024 || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization[Scheme.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        var words = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = words.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : new Shared(words[(colon + 1)..]);
    }

    private protected abstract bool IsBy(byte[] secret, IReadOnlyList<ReadOnlyMemory<byte>> signed);

    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>A signature of the body.</summary>
    internal sealed record Hmac(byte[] Hash) : Proof
    {
        private protected override bool IsBy(byte[] secret, IReadOnlyList<ReadOnlyMemory<byte>> signed)
        {
            var matches = false;
            foreach (var bytes in signed)
            {
                matches |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, bytes.Span), Hash);
            }

            return matches;
        }

        public override string ToString() => nameof(Hmac);
    }

    /// <summary>The secret itself. Hashes are compared, so that not even its length can be measured.</summary>
    internal sealed record Shared(string Value) : Proof
    {
        private protected override bool IsBy(byte[] secret, IReadOnlyList<ReadOnlyMemory<byte>> signed) =>
            CryptographicOperations.FixedTimeEquals(SHA256.HashData(secret), SHA256.HashData(Encoding.UTF8.GetBytes(Value.TrimEnd('\r', '\n'))));

        public override string ToString() => nameof(Shared);
    }
}

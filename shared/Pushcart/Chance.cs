using System.Security.Cryptography;

namespace Pushcart;

/// <summary>
/// The one source of ids and jitter. The product draws from <see cref="System"/>; a simulation gives one with a seed, so that a run can be repeated.
/// </summary>
public abstract class Chance
{
    /// <summary>Cryptographically strong, for production.</summary>
    public static Chance System { get; } = new SystemChance();

    /// <summary>Fills <paramref name="bytes"/> with random bytes.</summary>
    public abstract void Fill(Span<byte> bytes);

    /// <summary>A random number of 64 bits.</summary>
    public ulong Next()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>An opaque id: 128 random bits as 32 lower-case hexadecimal digits.</summary>
    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private sealed class SystemChance : Chance
    {
        public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}

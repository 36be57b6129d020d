using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pushcart.Git;

namespace Pushcart.Webhooks;

/// <summary>
/// The secrets of webhooks that Pushcart manages: HMAC-SHA256 of <c>Webhooks:Key</c> over the repository and the period. They are stored nowhere; who knows the key can
/// say them, and nobody else. One period's secret is accepted until the end of the next one, so that a hook can be rotated at any time in between.
/// </summary>
/// <param name="key">Value of <c>Webhooks:Key</c>; null or empty: no webhook can be managed.</param>
public sealed class ManagedSecret(string? key)
{
    /// <summary>How long a secret is the current one. 30 days.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromDays(30);

    /// <summary>Characters that a key has at least: what is guessed is no secret. 32.</summary>
    public const int FewestCharacters = 32;

    // Whose clock is ahead has rotated already.
    private static readonly TimeSpan ClocksApart = TimeSpan.FromHours(1);

    private readonly byte[]? _key = string.IsNullOrEmpty(key) ? null : Encoding.UTF8.GetBytes(key);

    /// <summary>True where there is a key.</summary>
    public bool IsConfigured => _key is not null;

    /// <summary>The number of the period that an instant lies in. Periods are counted from 1970, the same for all repositories.</summary>
    public static long PeriodOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / (long)Period.TotalSeconds;

    /// <summary>The secret of a repository in a period: 64 hexadecimal digits.</summary>
    /// <param name="repository">Any address of it (<see cref="RepositoryIdentity"/>): all forms have one secret.</param>
    /// <param name="period">Number of the period (<see cref="PeriodOf"/>).</param>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    /// <exception cref="ArgumentException">It is no address of a repository.</exception>
    public string Of(string repository, long period)
    {
        var identity = RepositoryIdentity.Of(repository) ?? throw new ArgumentException("it is no address of a repository", nameof(repository));
        var bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pushcart webhook\n{identity}\n{period}"));
        return Convert.ToHexStringLower(HMACSHA256.HashData(_key ?? throw new InvalidOperationException("Webhooks:Key is not set; without it no webhook is managed"), bytes));
    }

    /// <summary>The secrets of a repository that are accepted now, the current one first; none without a key.</summary>
    /// <param name="repository">Any address of it.</param>
    /// <param name="now">Now.</param>
    public IReadOnlyList<string> Accepted(string repository, DateTimeOffset now) =>
        !IsConfigured ? [] : [.. new[] { PeriodOf(now), PeriodOf(now) - 1, PeriodOf(now + ClocksApart) }.Distinct().Select(period => Of(repository, period))];

    /// <summary>Never shows the key.</summary>
    public override string ToString() => nameof(ManagedSecret);
}

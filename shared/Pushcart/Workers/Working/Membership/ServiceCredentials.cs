using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.Membership;

/// <summary>A service token of the scope <c>worker</c>. One that the server has refused is shown again only after a while, and another one, which its file holds now, at once.</summary>
/// <param name="source">Where it comes from.</param>
/// <param name="again">How long a refused one is kept back.</param>
/// <param name="time">The time.</param>
public sealed class ServiceCredentials(TokenSource source, TimeSpan again, TimeProvider time) : ICredentials
{
    private readonly Lock _lock = new();
    private string? _refused;
    private long _refusedAt;

    /// <inheritdoc/>
    public string? Current => Usable(source.Read(TokenValue.Service).Token);

    /// <inheritdoc/>
    public bool Refused(string used)
    {
        lock (_lock)
        {
            (_refused, _refusedAt) = (used, time.GetTimestamp());
        }

        return Current is not null;
    }

    /// <inheritdoc/>
    public Task<Preparation> PrepareAsync(WorkerAbout about, CancellationToken cancellation)
    {
        var (token, error) = source.Read(TokenValue.Service);
        return Task.FromResult(token is null ? new Preparation($"no token: {error}")
            : Usable(token) is null ? new($"the server refuses the token{(source.File is { } file ? $" in {file}" : "")}; an admin makes one of the scope worker")
            : new Preparation());
    }

    /// <inheritdoc/>
    public Task<string?> NextAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public bool Accepted(bool next) => false;

    private string? Usable(string? token)
    {
        lock (_lock)
        {
            return token is not null && token == _refused && time.GetElapsedTime(_refusedAt) < again ? null : token;
        }
    }
}

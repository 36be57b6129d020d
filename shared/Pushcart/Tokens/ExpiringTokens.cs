using Microsoft.Extensions.Logging;

namespace Pushcart.Tokens;

/// <summary>Tells of tokens that expire soon, in the log and for a metric, so that they are rotated before anything that has them stops.</summary>
public sealed class ExpiringTokens
{
    /// <summary>How long before it expires a token expires soon.</summary>
    public static TimeSpan Soon { get; } = TimeSpan.FromDays(14);

    private readonly TokenStore _tokens;
    private readonly TimeProvider _time;
    private readonly ILogger<ExpiringTokens> _log;
    private readonly Dictionary<string, DateTimeOffset> _told = [];

    /// <param name="tokens">The tokens.</param>
    /// <param name="time">Time.</param>
    /// <param name="log">Takes the warnings.</param>
    public ExpiringTokens(TokenStore tokens, TimeProvider time, ILogger<ExpiringTokens> log)
    {
        (_tokens, _time, _log) = (tokens, time, log);
    }

    /// <summary>True where a token expires in less than 14 days, and has not yet.</summary>
    public static bool IsSoon(Token token, DateTimeOffset now) => token?.ExpiresAt is { } expires && expires > now && expires - now < Soon;

    /// <summary>Looks at all tokens, and warns of each that expires soon once a day.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var soon = await SoonAsync(cancellation).ConfigureAwait(false);
        foreach (var gone in _told.Keys.Except(soon.Select(token => token.Id)).ToList())
        {
            _told.Remove(gone);
        }

        foreach (var token in soon.Where(token => !_told.TryGetValue(token.Id, out var told) || now - told >= TimeSpan.FromDays(1)))
        {
            _told[token.Id] = now;
            _log.LogWarning("token {Token} ({Description}) expires at {ExpiresAt:O}; rotate it: POST api/tokens/{Id}/rotate", token.Id, token.Description, token.ExpiresAt, token.Id);
        }
    }

    /// <summary>The tokens that expire soon.</summary>
    public async Task<IReadOnlyList<Token>> SoonAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        List<Token> soon = [];
        string? next = null;
        do
        {
            var page = (await _tokens.PageAsync(next, cancellation).ConfigureAwait(false)).Value!;
            soon.AddRange(page.Tokens.Where(token => IsSoon(token, now)));
            next = page.Next;
        }
        while (next is not null);

        return soon;
    }
}

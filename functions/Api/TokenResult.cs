using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Functions.Access;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>Answers about tokens. Never cached, for some hold a value.</summary>
internal sealed class TokenResult : IResult, IStatusCodeHttpResult, IAboutResult
{
    private readonly IResult _answer;

    private TokenResult(IResult answer, string? about = null) => (_answer, About) = (answer, about);

    /// <inheritdoc/>
    public string? About { get; }

    /// <inheritdoc/>
    public int? StatusCode => (_answer as IStatusCodeHttpResult)?.StatusCode;

    /// <summary>The answer to a request whose body is read first.</summary>
    public static async Task<IResult> OfAsync<T>(
        Task<(T? Request, TokenAnswer.Refused? Refused)> body, Func<T, Task<TokenAnswer>> change, int status, TimeProvider time, string? id = null)
        where T : class
    {
        var (request, refused) = await body;
        return request is null ? Of(refused!, id, status, time) : Of(await change(request), id, status, time);
    }

    /// <summary>The answer to a change.</summary>
    public static IResult Of(TokenAnswer answer, string? id, int status, TimeProvider time) => answer switch
    {
        TokenAnswer.Made made => new TokenResult(Answers.Coded(status, View.Of(made.Token, time.GetUtcNow(), made.Value)), $"token {made.Token.Id}"),
        TokenAnswer.Deleted => new TokenResult(Results.StatusCode(status)),
        TokenAnswer.Refused refused => Answers.Error(refused.Code, refused.Message),
        _ => NoToken(id),
    };

    /// <summary>One token.</summary>
    public static IResult One(Token? token, string id, TimeProvider time) => token is null ? NoToken(id) : new TokenResult(Answers.Ok(View.Of(token, time.GetUtcNow(), value: null)));

    /// <summary>A page of tokens.</summary>
    public static IResult Page(TokenPage? page, TimeProvider time) => page is null
        ? Answers.Error("tokens.invalid_next", "'next' is not what a page answered; leave it out to begin anew")
        : new TokenResult(Answers.Ok(new { tokens = page.Tokens.Select(token => View.Of(token, time.GetUtcNow(), value: null)).ToList(), next = page.Next }));

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        return _answer.ExecuteAsync(httpContext);
    }

    private static IResult NoToken(string? id) => Answers.Error("tokens.not_found", $"there is no token '{id}'");

    /// <summary>A token as it is shown; times are RFC 3339 UTC.</summary>
    private sealed record View
    {
        public required string Id { get; init; }

        public required string Description { get; init; }

        public required IReadOnlyList<string> Scopes { get; init; }

        /// <summary>Null: all.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public IReadOnlyList<string>? Namespaces { get; init; }

        [JsonPropertyName("created_by")]
        public required string CreatedBy { get; init; }

        [JsonPropertyName("created_at")]
        public required string CreatedAt { get; init; }

        [JsonPropertyName("expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public string? ExpiresAt { get; init; }

        /// <summary>True where it expires in less than 14 days.</summary>
        [JsonPropertyName("expires_soon")]
        public bool ExpiresSoon { get; init; }

        public bool Expired { get; init; }

        [JsonPropertyName("last_used_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public string? LastUsedAt { get; init; }

        /// <summary>Until when the value before works, while it does.</summary>
        [JsonPropertyName("old_value_until")]
        public string? OldValueUntil { get; init; }

        [JsonPropertyName("token_value")]
        public string? TokenValue { get; init; }

        public static View Of(Token token, DateTimeOffset now, string? value) => new()
        {
            Id = token.Id,
            Description = token.Description,
            Scopes = Pushcart.Tokens.Scopes.WordsOf(token.Scopes),
            Namespaces = token.Namespaces.IsAll ? null : token.Namespaces.Names,
            CreatedBy = token.CreatedBy,
            CreatedAt = Rfc3339.Text(token.CreatedAt),
            ExpiresAt = Rfc3339.Text(token.ExpiresAt),
            ExpiresSoon = ExpiringTokens.IsSoon(token, now),
            Expired = token.ExpiresAt <= now,
            LastUsedAt = Rfc3339.Text(token.LastUsedAt),
            OldValueUntil = token.OldUntil > now ? Rfc3339.Text(token.OldUntil) : null,
            TokenValue = value,
        };
    }
}

using System.Diagnostics.CodeAnalysis;
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
        Task<Answer<T>> body, Func<T, Task<Answer<MadeToken>>> change, int status, TimeProvider time)
        where T : class
    {
        var read = await body;
        return read.Value is { } request ? Of(await change(request), status, time) : Answers.Refused(read.Refusal!);
    }

    /// <summary>204; or the refusal.</summary>
    public static IResult Deleted(Refusal? refusal) => refusal is null ? new TokenResult(Results.NoContent()) : Answers.Refused(refusal);

    /// <summary>One token.</summary>
    public static IResult One(Token? token, string id, TimeProvider time) => token is null ? Answers.Refused(TokenStore.NotFound(id)) : new TokenResult(Answers.Ok(TokenView.Of(token, time.GetUtcNow(), value: null)));

    /// <summary>A page of tokens.</summary>
    public static IResult Page(Answer<TokenPage> answer, TimeProvider time) => answer.Value is not { } page
        ? Answers.Refused(answer.Refusal!)
        : new TokenResult(Answers.Ok(new TokenList([.. page.Tokens.Select(token => TokenView.Of(token, time.GetUtcNow(), value: null))], page.Next)));

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        return _answer.ExecuteAsync(httpContext);
    }

    private static IResult Of(Answer<MadeToken> answer, int status, TimeProvider time) => answer.Value is { } made
        ? new TokenResult(Answers.Coded(status, TokenView.Of(made.Token, time.GetUtcNow(), made.Value)), $"token {made.Token.Id}")
        : Answers.Refused(answer.Refusal!);
}

/// <summary>A page of tokens.</summary>
/// <param name="Tokens">Newest first, without values.</param>
/// <param name="Next">Asks for the next page; null at the end.</param>
internal sealed record TokenList(IReadOnlyList<TokenView> Tokens, string? Next);

/// <summary>A token as it is shown; times are RFC 3339 UTC.</summary>
internal sealed record TokenView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>What it may do: <c>admin</c>, <c>write</c>, <c>read</c>, <c>hook</c>, <c>worker</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Null: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Who made it.</summary>
    [JsonPropertyName("created_by")]
    public required string CreatedBy { get; init; }

    /// <summary>When it was made.</summary>
    [JsonPropertyName("created_at")]
    [StringSyntax("date-time")]
    public required string CreatedAt { get; init; }

    /// <summary>From when it is refused; null: never.</summary>
    [JsonPropertyName("expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [StringSyntax("date-time")]
    public string? ExpiresAt { get; init; }

    /// <summary>True where it expires in less than 14 days.</summary>
    [JsonPropertyName("expires_soon")]
    public bool ExpiresSoon { get; init; }

    /// <summary>True where it is refused for its age.</summary>
    public bool Expired { get; init; }

    /// <summary>When it was used last, to the minute; null: never.</summary>
    [JsonPropertyName("last_used_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [StringSyntax("date-time")]
    public string? LastUsedAt { get; init; }

    /// <summary>Until when the value before works, while it does.</summary>
    [JsonPropertyName("old_value_until")]
    [StringSyntax("date-time")]
    public string? OldValueUntil { get; init; }

    /// <summary>Its value, in the answer that makes it and in no other.</summary>
    [JsonPropertyName("token_value")]
    public string? TokenValue { get; init; }

    /// <summary>The view of a token.</summary>
    public static TokenView Of(Token token, DateTimeOffset now, string? value) => new()
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

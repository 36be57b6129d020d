namespace Pushcart.Tokens;

/// <summary>The header <c>Authorization</c>, as far as it is a bearer token.</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The value that a header shows; null where it is of another scheme.</summary>
    public static string? Of(string? authorization) =>
        authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;
}

using Microsoft.AspNetCore.Http;

namespace Pushcart.Functions.Api;

/// <summary>Every code of an error of the API, with the status that it is answered with.</summary>
internal static class ErrorCodes
{
    public const string NoAuthorization = "auth.no_authorization";
    public const string InvalidToken = "auth.invalid_token";
    public const string Forbidden = "auth.forbidden";
    public const string NotThere = "auth.not_found";
    public const string BadRequest = "request.invalid";
    public const string TooLarge = "body.too_large";
    public const string StorageAway = "storage.away";
    public const string Internal = "internal";

    private static readonly Dictionary<string, int> s_all = new(StringComparer.Ordinal)
    {
        [NoAuthorization] = StatusCodes.Status401Unauthorized,
        [InvalidToken] = StatusCodes.Status401Unauthorized,
        [Forbidden] = StatusCodes.Status403Forbidden,
        [NotThere] = StatusCodes.Status404NotFound,
        [StorageAway] = StatusCodes.Status503ServiceUnavailable,
        [Internal] = StatusCodes.Status500InternalServerError,

        ["sources.not_found"] = StatusCodes.Status404NotFound,
        ["tasks.not_found"] = StatusCodes.Status404NotFound,
    };

    // What the product itself refuses stands beside its statuses there.
    static ErrorCodes()
    {
        foreach (var code in RefusalCodes.All)
        {
            s_all.Add(code.Name, code.Status);
        }
    }

    /// <summary>All codes.</summary>
    public static IReadOnlyCollection<string> All => s_all.Keys;

    /// <summary>The status of a code.</summary>
    /// <exception cref="KeyNotFoundException">The code is not in the catalogue.</exception>
    public static int StatusOf(string code) => s_all[code];
}

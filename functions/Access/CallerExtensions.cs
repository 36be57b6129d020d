using Microsoft.AspNetCore.Http;
using Pushcart.Tokens;

namespace Pushcart.Functions.Access;

/// <summary>Who has sent a request.</summary>
internal static class CallerExtensions
{
    private static readonly object s_key = new();

    /// <summary>Who has sent it.</summary>
    /// <exception cref="InvalidOperationException">The function does not ask who calls: its access is not declared by <see cref="AccessAttribute"/>.</exception>
    public static Caller Caller(this HttpRequest request) =>
        request.HttpContext.KnownCaller() ?? throw new InvalidOperationException("the function declares no access by token, so nobody is known to call");

    /// <summary>Who has sent it; null where the token was not asked for, or has not admitted anybody.</summary>
    public static Caller? KnownCaller(this HttpContext context) => context.Items[s_key] as Caller;

    /// <summary>Notes who has sent it.</summary>
    public static void SetCaller(this HttpContext context, Caller caller) => context.Items[s_key] = caller;
}

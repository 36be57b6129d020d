using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Pushcart.Functions.Api;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tokens;
using Pushcart.Webhooks;

namespace Pushcart.Functions.Access;

/// <summary>
/// Around every HTTP function: lets those in whom its declared access lets in, tells the audit of what was changed and of who was refused, and makes an error of the catalogue of whatever
/// was thrown, so that nothing of the inside leaves the process.
/// </summary>
internal sealed class AccessMiddleware(
    AccessRules rules, TokenVerification tokens, ClientAddress clients, FreeCallers free, Audit audit, ILogger<AccessMiddleware> log) : IFunctionsWorkerMiddleware
{
    /// <inheritdoc/>
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.GetHttpContext() is { } http ? ServeAsync(context, http, next) : next(context);

    private async Task ServeAsync(FunctionContext context, HttpContext http, FunctionExecutionDelegate next)
    {
        // What changes something may begin a trace, or go on with its sender's.
        using var span = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            ? null
            : Traces.Begin(context.FunctionDefinition.Name, http.Request.Headers.TraceParent, ActivityKind.Server);
        var rule = rules.Of(context.FunctionDefinition);
        try
        {
            if (await RefusalAsync(rule, http) is { } refusal)
            {
                context.GetInvocationResult().Value = refusal;
                return;
            }

            await next(context);
        }
        catch (BadHttpRequestException e)
        {
            context.GetInvocationResult().Value = Answers.Error(e.StatusCode == StatusCodes.Status413PayloadTooLarge ? ErrorCodes.TooLarge : ErrorCodes.BadRequest, e.Message);
        }
        catch (Exception e) when (!context.CancellationToken.IsCancellationRequested && StorageFailure.IsAway(e, http.RequestAborted))
        {
            log.LogWarning("{What} was not answered, storage or what it asked is away: {Error}", What(http), e.Message.ReplaceLineEndings(" "));
            context.GetInvocationResult().Value = Answers.Error(ErrorCodes.StorageAway, "storage does not answer; try again");
        }
        catch (OperationCanceledException)
        {
            TellOfChange(rule, http, "cut off, and it may have been done");
            throw;
        }
        catch (Exception e)
        {
            log.LogError("{What} failed: {Type}: {Error}", What(http), e.GetType().Name, e.Message.ReplaceLineEndings(" "));
            log.LogDebug(e, "{What} failed", What(http));
            context.GetInvocationResult().Value = Answers.Error(ErrorCodes.Internal, "it failed in the host, whose log says why");
        }

        var outcome = OutcomeOf(context.GetInvocationResult().Value);
        span?.SetTag("pushcart.answer", outcome);
        TellOfChange(rule, http, outcome);
    }

    // Refusals are told where they are made, and admit no caller.
    private void TellOfChange(AccessRuleAttribute? rule, HttpContext http, string outcome)
    {
        if (rule is not AccessAttribute { Routine: true } && http.KnownCaller() is { } caller && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            audit.Tell(caller.Name, From(http), What(http), outcome);
        }
    }

    private async Task<IResult?> RefusalAsync(AccessRuleAttribute? rule, HttpContext http)
    {
        if (rule is OwnAccessAttribute or AnonymousAttribute)
        {
            return null;
        }

        if (rule is not AccessAttribute access)
        {
            return Refused(http, "nobody", ErrorCodes.Forbidden, "the function declares no access, so nobody may call it");
        }

        if (access.FreeOnThisMachine && free.Has(http))
        {
            return null;
        }

        if (http.Request.Headers.Authorization is not [{ Length: > 0 } authorization, ..])
        {
            return Refused(http, "nobody", ErrorCodes.NoAuthorization, "send a token in the header: Authorization: Bearer pct_…");
        }

        if (BearerToken.Of(authorization) is not { } value || await tokens.VerifyAsync(value, http.RequestAborted) is not { } caller)
        {
            return Refused(http, "nobody", ErrorCodes.InvalidToken, "the token is unknown, revoked or expired, or no bearer token at all");
        }

        if (!caller.May(access.Scope))
        {
            return Refused(http, caller.Name, ErrorCodes.Forbidden, $"the token has the scopes {string.Join(", ", Scopes.WordsOf(caller.Scopes))}; this takes {string.Join(", ", Scopes.WordsOf(access.Scope))}");
        }

        // 404, and before anything is read: whether the namespace or what is in it exists cannot be told from the answer.
        var ns = http.Request.RouteValues["namespace"] as string;
        if (!caller.Namespaces.IsAll && (access.OfCluster || (ns is not null && !caller.Namespaces.Has(ns))))
        {
            return Refused(http, caller.Name, ErrorCodes.NotThere, "for this token there is no such thing; it is for some namespaces only");
        }

        http.SetCaller(caller);
        return null;
    }

    private IResult Refused(HttpContext http, string who, string code, string message)
    {
        audit.Tell(who, From(http), What(http), $"refused, {code}");
        if (ErrorCodes.StatusOf(code) == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return Answers.Error(code, message);
    }

    private string? From(HttpContext http) =>
        clients.Of(http.Connection.RemoteIpAddress, http.Request.Headers["X-Forwarded-For"].Select(line => line ?? ""))?.ToString();

    // Escaped, so that no path makes lines of its own in the log.
    private static string What(HttpContext http) => $"{http.Request.Method} {http.Request.Path.ToUriComponent()}";

    private static string OutcomeOf(object? result)
    {
        var status = (result as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
        return result is IAboutResult { About: { } about } ? $"{status}, {about}" : $"{status}";
    }
}

/// <summary>An answer that the audit can tell more of than its status.</summary>
internal interface IAboutResult
{
    /// <summary>What it is about, such as <c>token fe8c…</c>.</summary>
    string? About { get; }
}

using System.Globalization;
using System.Text;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Tokens;
using Pushcart.Workers.Serving;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>What a server does with a worker's call: what functions/Api/WorkerCalls.cs and the access rules do, around the product's own decisions.</summary>
internal sealed class ServedCalls(TokenVerification tokens, Registering registering, CheckingIn checkingIn, Claims claims, RunCalls runs)
{
    public async Task<Reply> AnswerAsync(Call call, CancellationToken cancellation)
    {
        var path = call.Uri.AbsolutePath["/api/workers/".Length..].Split('/');
        if (path[0] == "rejoin")
        {
            return await OfAsync<RejoinRequest, RegisterAnswer>(call, asked => registering.RejoinAsync(asked, cancellation), cancellation).ConfigureAwait(false);
        }

        var value = call.Headers.TryGetValue("Authorization", out var header) && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : "";
        if (await tokens.VerifyAsync(value, cancellation).ConfigureAwait(false) is not { } caller)
        {
            return Error(401, "auth.invalid_token", "the token is unknown, revoked or expired");
        }

        if (!caller.May(path[0] == "register" ? Scope.Register : Scope.Worker))
        {
            return Error(403, "auth.forbidden", "the token is for something else");
        }

        return (path[0], path[^1]) switch
        {
            ("register", _) => await OfAsync<RegisterRequest, RegisterAnswer>(call, asked => registering.RegisterAsync(asked, caller, cancellation), cancellation).ConfigureAwait(false),
            ("check-in", _) => await OfAsync<CheckInRequest, CheckInAnswer>(call, asked => checkingIn.CheckInAsync(asked, caller, cancellation), cancellation).ConfigureAwait(false),
            ("claim", _) => await OfAsync<ClaimRequest, ClaimOutcome>(call, asked => claims.ClaimAsync(asked, caller, CancellationToken.None, cancellation), cancellation).ConfigureAwait(false),
            ("return", _) => await OfAsync<ReturnRequest, ReturnAnswer>(call, asked => claims.ReturnAsync(asked, caller, cancellation), cancellation).ConfigureAwait(false),
            (_, "start") => await OfAsync<StartRequest, StartAnswer>(call, asked => runs.StartAsync(path[1], asked, caller, cancellation), cancellation).ConfigureAwait(false),
            (_, "renew") => await OfAsync<RenewRequest, RenewAnswer>(call, asked => runs.RenewAsync(path[1], asked, caller, cancellation), cancellation).ConfigureAwait(false),
            (_, "report") => await OfAsync<ReportRequest, ReportAnswer>(call, asked => runs.ReportAsync(path[1], asked, caller, cancellation), cancellation).ConfigureAwait(false),
            _ => await OfAsync<LogChunk, LogAnswer>(call, asked => runs.LogAsync(path[1], asked, caller, cancellation), cancellation).ConfigureAwait(false),
        };
    }

    public static Reply Error(int status, string code, string message, string? reason = null, TimeSpan? retryAfter = null) =>
        new(status, Encoding.UTF8.GetBytes(WireJson.Write(new ErrorAnswer(code, message, reason))), "application/json", [.. Later(retryAfter)]);

    private static async Task<Reply> OfAsync<TRequest, TAnswer>(Call call, Func<TRequest, Task<Answer<TAnswer>>> decide, CancellationToken cancellation)
        where TRequest : class
        where TAnswer : class
    {
        using var stream = new MemoryStream(call.Body);
        var body = await WireBody.ReadAsync<TRequest>(stream, call.Body.Length, cancellation).ConfigureAwait(false);

        // Nobody but the product's own worker calls here.
        var answer = body.Refusal is { } wrong ? throw new ViolationException($"a worker's body is refused: {wrong.Message}") : await decide(body.Value!).ConfigureAwait(false);
        return answer switch
        {
            { Refusal: { Code.Status: 400 } refusal } => throw new ViolationException($"a worker's call is refused: {refusal.Message}"),
            { Refusal: { } refusal } => Error(refusal.Code.Status, refusal.Code.Name, refusal.Message, refusal.Reason, refusal.RetryAfter),
            { Value: ClaimOutcome { Claim: { } claim } } => Ok(claim),
            { Value: ClaimOutcome none } => new(204, [], null, [.. Later(none.RetryAfter)]),
            _ => Ok(answer.Value!),
        };
    }

    private static Reply Ok<T>(T value) => new(200, Encoding.UTF8.GetBytes(WireJson.Write(value)), "application/json");

    private static IEnumerable<(string, string)> Later(TimeSpan? time) =>
        time is { } later ? [("Retry-After", Math.Max(1, Math.Ceiling(later.TotalSeconds)).ToString(CultureInfo.InvariantCulture))] : [];
}

using System.CommandLine;
using System.Net.Http.Headers;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Webhooks;

/// <summary><c>pushcart webhook send</c>: signs a push as a provider would, and sends it to a running host.</summary>
internal static class WebhookCommand
{
    /// <summary>The variable that holds the secret.</summary>
    public const string SecretVariable = "PUSHCART_WEBHOOK_SECRET";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var provider = new Option<string>("--provider") { Description = "Who it is to come from", Required = true };
        provider.AcceptOnlyFromAmong([.. TestEvent.Providers]);
        var repository = new Option<string>("--repository") { Description = "Address of the repository, in any form", Required = true, HelpName = "URL" };
        var reference = new Option<string>("--ref") { Description = "What was pushed: a branch, or a full name such as refs/tags/v1", DefaultValueFactory = _ => "main" };
        var commit = new Option<string?>("--commit") { Description = "The commit that it has now; without it the event announces none, and what is there is checked" };
        var secret = new Option<string?>("--secret-file") { Description = $"File with the secret, - for standard input; without it the variable {SecretVariable} holds it", HelpName = "FILE|-" };
        var delivery = new Option<string?>("--delivery") { Description = "Id of the delivery; without it a new one" };
        var send = new Command("send", "Signs a push as a provider would, and sends it to a running host") { provider, repository, reference, commit, secret, delivery };
        send.AsksServer(
            options,
            async (parsed, session, cancellation) =>
            {
                if (await SecretAsync(parsed.GetValue(secret), cancellation) is not { Length: > 0 } value)
                {
                    throw new CommandException(ExitCode.Failed, $"there is no secret; set {SecretVariable}, or give --secret-file a file that holds it");
                }

                var name = parsed.GetValue(reference)!;
                var what = TestEvent.Of(
                    parsed.GetValue(provider)!,
                    parsed.GetValue(repository)!,
                    name.StartsWith("refs/", StringComparison.Ordinal) ? name : "refs/heads/" + name,
                    parsed.GetValue(commit),
                    value,
                    parsed.GetValue(delivery) ?? session.Chance.NewId());
                return await SendAsync(parsed.GetValue(provider)!, what, session, cancellation);
            },
            s_patience);
        return new Command("webhook", "Webhooks") { send };
    }

    private static async Task<int> SendAsync(string provider, TestEvent what, Session session, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"hooks/{provider}", UriKind.Relative)) { Content = new ByteArrayContent(what.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in what.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // A provider shows its proof, and no token.
        using var hooks = new Api(session.Access with { Token = null }, s_patience, session.Time);
        var answer = await hooks.SendAsync(request, cancellation);
        var message = $"{(int)answer.Status}: {answer.Body?["message"]}";
        if (!answer.IsOk)
        {
            throw new CommandException(answer.ExitCode, message);
        }

        session.Printer.Print(answer.Body, () => (string?)answer.Body?["task_id"] is { } id ? [message, $"what becomes of it: {new Uri(session.Api.Server, $"api/tasks/{id}")}"] : [message]);
        return ExitCode.Done;
    }

    // A file or a pipe ends with a line break as a rule, which does not count.
    private static async Task<string?> SecretAsync(string? file, CancellationToken cancellation) => (file switch
    {
        null => Environment.GetEnvironmentVariable(SecretVariable),
        "-" => await StandardInput.ReadAsync(cancellation),
        _ => File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : null,
    })?.TrimEnd('\r', '\n');
}

using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Pushcart.Cli.Webhooks;

/// <summary><c>pushcart webhook send</c>: signs a push as a provider would, and sends it to a running host.</summary>
internal static class WebhookCommand
{
    /// <summary>The variable that holds the secret.</summary>
    public const string SecretVariable = "PUSHCART_WEBHOOK_SECRET";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var provider = new Option<string>("--provider") { Description = "Who it is to come from", Required = true };
        provider.AcceptOnlyFromAmong([.. TestEvent.Providers]);
        var repository = new Option<string>("--repository") { Description = "Address of the repository, in any form", Required = true, HelpName = "URL" };
        var reference = new Option<string>("--ref") { Description = "What was pushed: a branch, or a full name such as refs/tags/v1", DefaultValueFactory = _ => "main" };
        var commit = new Option<string?>("--commit") { Description = "The commit that it has now; without it the event announces none, and what is there is checked" };
        var secret = new Option<string?>("--secret-file") { Description = $"File with the secret, - for standard input; without it the variable {SecretVariable} holds it", HelpName = "FILE|-" };
        var delivery = new Option<string?>("--delivery") { Description = "Id of the delivery; without it a new one" };
        var server = ServerAccess.Server();
        var send = new Command("send", "Signs a push as a provider would, and sends it to a running host") { provider, repository, reference, commit, secret, delivery, server };
        send.SetAction(async (parsed, cancellation) =>
        {
            var errors = parsed.InvocationConfiguration.Error;
            if (await SecretAsync(parsed.GetValue(secret), cancellation) is not { Length: > 0 } value)
            {
                await errors.WriteLineAsync($"error: there is no secret; set {SecretVariable}, or give --secret-file a file that holds it");
                return 1;
            }

            var name = parsed.GetValue(reference)!;
            var what = TestEvent.Of(
                parsed.GetValue(provider)!,
                parsed.GetValue(repository)!,
                name.StartsWith("refs/", StringComparison.Ordinal) ? name : "refs/heads/" + name,
                parsed.GetValue(commit),
                value,
                parsed.GetValue(delivery) ?? Chance.System.NewId());
            return await SendAsync(parsed.GetValue(server)!, parsed.GetValue(provider)!, what, parsed.InvocationConfiguration.Output, errors, cancellation);
        });
        return new Command("webhook", "Webhooks") { send };
    }

    private static async Task<int> SendAsync(Uri server, string provider, TestEvent what, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = s_patience };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"hooks/{provider}", UriKind.Relative)) { Content = new ByteArrayContent(what.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in what.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await client.SendAsync(request, cancellation);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            var message = json.RootElement.GetProperty("message").GetString();
            if (!answer.IsSuccessStatusCode)
            {
                await errors.WriteLineAsync($"error: {(int)answer.StatusCode}: {message}");
                return 1;
            }

            await output.WriteLineAsync($"{(int)answer.StatusCode}: {message}");
            if (json.RootElement.TryGetProperty("task_id", out var task) && task.GetString() is { } id)
            {
                await output.WriteLineAsync($"what becomes of it: {new Uri(server, $"api/tasks/{id}")}");
            }

            return 0;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            await errors.WriteLineAsync($"error: {server} does not answer as Pushcart does: {e.Message}; --server says where it listens");
            return 1;
        }
    }

    // A file or a pipe ends with a line break as a rule, which does not count.
    private static async Task<string?> SecretAsync(string? file, CancellationToken cancellation) => (file switch
    {
        null => Environment.GetEnvironmentVariable(SecretVariable),
        "-" => await Console.In.ReadToEndAsync(cancellation),
        _ => File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : null,
    })?.TrimEnd('\r', '\n');
}

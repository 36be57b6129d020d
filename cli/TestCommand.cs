using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pushcart.Resources;
using Pushcart.Triggers.Status;

namespace Pushcart.Cli;

/// <summary><c>pushcart test KIND NAME</c>: looks at a source once, by the server, and tells each step.</summary>
internal static class TestCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    // The server asks git for references and for files, 15 s and 60 s at most; what is slower is not there.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var kind = new Argument<ResourceKind>("KIND") { Description = "GitRepo or ClusterGitRepo" };
        kind.AcceptOnlyFromAmong(nameof(ResourceKind.GitRepo), nameof(ResourceKind.ClusterGitRepo));
        var name = new Argument<string>("NAME") { Description = "Name of the source" };
        var ns = new Option<string>("--namespace", "-n") { Description = "Namespace of a GitRepo", DefaultValueFactory = _ => "default" };
        var access = new ServerAccess();
        var command = new Command("test", "Looks at a source once and tells each step; nothing is written, and nothing follows from it") { kind, name, ns };
        foreach (var option in access.Options)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) => RunAsync(
            access.Open(parsed, s_patience),
            parsed.GetValue(kind) == ResourceKind.GitRepo
                ? $"api/sources/GitRepo/{Uri.EscapeDataString(parsed.GetValue(ns)!)}/{Uri.EscapeDataString(parsed.GetValue(name)!)}/test"
                : $"api/sources/ClusterGitRepo/{Uri.EscapeDataString(parsed.GetValue(name)!)}/test",
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync((HttpClient? Client, string? Error) access, string path, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        if (access.Client is not { } client)
        {
            await errors.WriteLineAsync($"error: {access.Error}");
            return 1;
        }

        using var disposal = client;
        try
        {
            using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content: null, cancellation);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && await answer.Content.ReadFromJsonAsync<Refusal>(s_json, cancellation) is { Message: { } message })
            {
                await errors.WriteLineAsync($"error: {message}");
                return 1;
            }

            answer.EnsureSuccessStatusCode();
            var test = (await answer.Content.ReadFromJsonAsync<SourceTest>(s_json, cancellation))!;
            foreach (var step in test.Steps)
            {
                await output.WriteLineAsync($"{(step.Ok ? "ok    " : "FAILED")}  {step.Step}: {step.Detail}");
            }

            return test.Ok ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            await errors.WriteLineAsync($"error: {client.BaseAddress} does not answer as Pushcart does: {e.Message}; --server says where it listens");
            return 1;
        }
    }

    private sealed record Refusal(string? Code, string? Message);
}

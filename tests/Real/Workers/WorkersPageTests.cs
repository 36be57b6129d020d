using System.Diagnostics;
using System.Text.RegularExpressions;
using Pushcart.Cli.Demo;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Workers;

/// <summary>The ten commands of docs/workers.md, read from the page and run in a shell, in their order. What differs is where the server listens, and the repository, which is one of the test.</summary>
[Collection("calls")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed partial class WorkersPageTests(AzuriteFixture azurite) : IDisposable
{
    private readonly string _page = File.ReadAllText(Path.Combine(ProjectFolder.Path, "docs", "workers.md")).ReplaceLineEndings("\n");
    private readonly TestRepository _repository = TestRepository.Create("Hello-World.git");

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task The_ten_commands_lead_from_nothing_to_a_job_that_a_worker_has_run()
    {
        var commands = Numbered().Matches(Block("sh")).ToDictionary(m => int.Parse(m.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), m => m.Groups[1].Value.Trim());
        Assert.Equal(Enumerable.Range(1, 10), commands.Keys);
        var commit = _repository.Commit("README", "Hello World!", "master");
        await using var git = GitHttpBackend.Start(_repository.Root);
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Write("edge.yaml", Block("yaml").Replace("https://github.com/octocat/Hello-World.git", git.UriOf(_repository.Name), StringComparison.Ordinal));
        var program = place.Write("bin/pushcart", $"#!/bin/sh\nexec dotnet {HostProcess.Program("cli", "Pushcart.Cli.dll")} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        // 1. The server, which a command line on its machine finds without being told.
        Assert.Equal("dotnet run --project functions", commands[1]);
        var host = await place.StartLiveAsync();
        var address = host.Client.BaseAddress!.ToString().TrimEnd('/');

        var id = "";
        await RunAsync(2);
        id = JobIds().Match(await RunAsync(3)).Value;
        Assert.Equal(20, id.Length);
        Assert.Contains("no worker is known that could take it", await RunAsync(4), StringComparison.Ordinal);
        await RunAsync(5);
        Assert.StartsWith("pcr_", await File.ReadAllTextAsync(Path.Combine(place.Folder, "edge-token")), StringComparison.Ordinal);

        // 6. The worker, until Ctrl-C.
        using var worker = Begin(6, "exec ");
        var log = worker.StandardOutput.ReadToEndAsync();
        await UntilAsync(7, "edge");
        await UntilAsync(7, "idle");
        await UntilAsync(8, "succeeded");
        Assert.Contains($"commit {commit}", await RunAsync(9), StringComparison.Ordinal);
        await RunAsync(10);
        using (var interrupt = Process.Start("kill", ["-INT", $"{worker.Id}"]))
        {
            await interrupt.WaitForExitAsync();
        }

        await worker.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(worker.ExitCode == 0, await log);
        Assert.Contains("drained by an admin", await log, StringComparison.Ordinal);

        Process Begin(int number, string before = "")
        {
            var command = commands[number].Replace("http://127.0.0.1:7071", address, StringComparison.Ordinal).Replace("JOB_ID", id, StringComparison.Ordinal);
            var start = new ProcessStartInfo("sh", ["-c", before + command]) { WorkingDirectory = place.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PATH"] = $"{place.Folder}/bin:{start.Environment["PATH"]}";
            start.Environment["PUSHCART_SERVER"] = address;
            start.Environment["PUSHCART_CONFIG_DIR"] = place.Folder;
            return Process.Start(start)!;
        }

        async Task<string> RunAsync(int number)
        {
            using var process = Begin(number);
            var errors = process.StandardError.ReadToEndAsync();
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{number}. {commands[number]}\n{text}{await errors}");
            return text;
        }

        async Task UntilAsync(int number, string word)
        {
            var since = TimeProvider.System.GetTimestamp();
            string text;
            while (!(text = await RunAsync(number)).Contains(word, StringComparison.Ordinal))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(60), $"{number}. {commands[number]} does not say {word}:\n{text}\n{host.Text}");
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
        }
    }

    // The first of its kind on the page.
    private string Block(string kind)
    {
        var from = _page.IndexOf($"```{kind}\n", StringComparison.Ordinal) + kind.Length + 4;
        return _page[from.._page.IndexOf("\n```", from, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^(.+?)\s+# (\d+)\. .+$", RegexOptions.Multiline)]
    private static partial Regex Numbered();

    [GeneratedRegex("[0-9a-z]{20}")]
    private static partial Regex JobIds();
}

using System.Diagnostics;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Completion, as bash makes it.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly PushcartCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("pushcart re", "rerun resume")]
    [InlineData("pushcart jobs --state f", "failed")]
    [InlineData("pushcart get Clus", "ClusterAction ClusterGitRepo")]
    [InlineData("pushcart tokens create --s", "--scope --secret-name --server")]
    [InlineData("pushcart jobs -o ", "json table yaml")]
    public async Task Bash_completes_commands_options_and_their_values(string line, string expected)
    {
        var script = (await _cli.RunAsync("completion", "bash")).Ok;
        var word = line[(line.LastIndexOf(' ') + 1)..];
        var bash = $$"""
            pushcart() { dotnet '{{HostProcess.Program("cli", "Pushcart.Cli.dll")}}' "$@"; }
            {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}} {{(word.Length == 0 ? "''" : "")}}) COMP_CWORD={{line.Count(c => c == ' ')}}
            _pushcart; echo "${COMPREPLY[@]}"
            """;
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", bash]) { RedirectStandardOutput = true, WorkingDirectory = _cli.Folder })!;

        Assert.Equal(expected, (await process.StandardOutput.ReadToEndAsync()).Trim());
    }

    [Theory]
    [InlineData("zsh", "compdef _pushcart pushcart")]
    [InlineData("fish", "complete -c pushcart")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName pushcart")]
    public async Task Other_shells_have_a_script_of_their_own(string shell, string part) =>
        Assert.Contains(part, (await _cli.RunAsync("completion", shell)).Ok, StringComparison.Ordinal);
}

using System.CommandLine;

namespace Pushcart.Cli.Completion;

/// <summary><c>pushcart completion SHELL</c>: a script that lets a shell complete commands, options and their values. It asks this program (<c>[suggest:POSITION] LINE</c>).</summary>
internal static class CompletionCommand
{
    // The line is given without its first word, which is the name of the program as the user has typed it.
    private const string Bash = """
        # pushcart completion bash > /etc/bash_completion.d/pushcart
        _pushcart() {
          local line="${COMP_LINE#* }"
          local at=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
          COMPREPLY=($(compgen -W "$(pushcart "[suggest:$at]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _pushcart pushcart
        """;

    private const string Zsh = """
        #compdef pushcart
        # pushcart completion zsh > "${fpath[1]}/_pushcart"
        _pushcart() {
          local line="${BUFFER#* }"
          local at=$((CURSOR - ${#BUFFER} + ${#line}))
          local -a found
          found=("${(@f)$(pushcart "[suggest:$at]" "$line" 2>/dev/null)}")
          compadd -- "${found[@]}" || _files
        }
        compdef _pushcart pushcart
        """;

    private const string Fish = """
        # pushcart completion fish > ~/.config/fish/completions/pushcart.fish
        function __pushcart_complete
          set -l line (string replace -r '^\S+\s?' '' -- (commandline -cp))
          pushcart "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c pushcart -a '(__pushcart_complete)'
        """;

    private const string Pwsh = """
        # pushcart completion pwsh >> $PROFILE
        Register-ArgumentCompleter -Native -CommandName pushcart -ScriptBlock {
          param($word, $ast, $cursor)
          $line = $ast.ToString() -replace '^\S+\s?', ''
          $at = $cursor - ($ast.ToString().Length - $line.Length)
          pushcart "[suggest:$at]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { HelpName = "SHELL", Description = "bash, zsh, fish or pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Prints a script by which a shell completes this program's commands: . <(pushcart completion bash)") { shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, "pwsh" => Pwsh, _ => Bash }));
        return command;
    }
}

using System.Diagnostics;
using Pushcart.Resources;

namespace Pushcart.Tests.Real.Resources;

/// <summary>Compares watched files with <c>git check-ignore</c>: what git would ignore by these patterns is what they watch.</summary>
public sealed class WatchedFilesAgainstGitTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "ab", "docs", "a.md", "b.md", "x!y", "#x", "!x", "a^b", "a]b", "a-b", "A"];

    private static readonly string[] Globs =
    [
        "a", "b", "docs", "*", "**", "*.md", "a*", "*b", "?", "??", "[ab]", "[!a]", "[^a]*", "[a-c]", "[[:upper:]]", "[]a]", "a[]-]b", "\\!x", "\\#x", "a^b", "**b", "a**", "x!y", "\\a", "*.*", "***",
    ];

    private readonly string _repository = Directory.CreateTempSubdirectory("pushcart-ignore").FullName;

    public void Dispose() => Directory.Delete(_repository, recursive: true);

    [Fact]
    public void Patterns_mean_what_they_mean_to_git()
    {
        Git("init -q .");
        // A fixed seed: a run can be repeated.
        var random = new Random(20260);
        string[] paths = [.. Enumerable.Range(0, 150).Select(_ => string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pick(Names)))).Distinct()];
        for (var round = 0; round < 150; round++)
        {
            string[] patterns = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Pattern())];
            // git cuts the literal beginning off a pattern before it matches the rest, and so reads a**/b and /a** as if ** stood alone, against its own manual.
            if (patterns.Any(pattern => pattern.Contains("a**") && pattern.Contains('/')) || WatchedFiles.FaultOfAll(patterns) is not null || patterns.Any(pattern => WatchedFiles.Fault(pattern) is not null))
            {
                continue;
            }

            File.WriteAllLines(Path.Combine(_repository, ".gitignore"), patterns);
            var ignored = Git("check-ignore --no-index -z --stdin", string.Join('\0', paths) + '\0').Split('\0', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
            var watched = new WatchedFiles(patterns);
            foreach (var path in paths)
            {
                Assert.True(watched.Matches(path) == ignored.Contains(path), $"{string.Join(" | ", patterns)} on {path}: git says {ignored.Contains(path)}");
            }
        }

        string Pick(string[] of) => of[random.Next(of.Length)];
        string Pattern() => (random.Next(4) == 0 ? "!" : "") + (random.Next(3) == 0 ? "/" : "")
            + string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(Globs))) + (random.Next(5) == 0 ? "/" : "") + (random.Next(9) == 0 ? " " : "");
    }

    private string Git(string arguments, string input = "")
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = _repository, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        git.StandardInput.Write(input);
        git.StandardInput.Close();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();

        // 1: none of the paths is ignored.
        Assert.InRange(git.ExitCode, 0, 1);
        return output;
    }
}

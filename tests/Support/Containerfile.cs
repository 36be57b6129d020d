using System.Text.RegularExpressions;

namespace Pushcart.Tests.Support;

/// <summary>A Containerfile of this project, as a list of instructions by stage.</summary>
public sealed partial class Containerfile
{
    private Containerfile(IReadOnlyList<(string Stage, string Name, string Text)> instructions) => Instructions = instructions;

    /// <summary>Stage (empty before the first), name and text of each instruction, continued lines joined.</summary>
    public IReadOnlyList<(string Stage, string Name, string Text)> Instructions { get; }

    /// <summary>Names of its stages, in order.</summary>
    public IReadOnlyList<string> Stages => [.. Instructions.Where(i => i.Name == "FROM").Select(i => i.Stage)];

    /// <summary>Reads one.</summary>
    /// <param name="path">Its path in the project: the server's, unless said otherwise.</param>
    public static Containerfile Read(string path = "Containerfile")
    {
        var text = File.ReadAllText(Path.Combine(ProjectFolder.Path, path)).Replace("\\\n", " ", StringComparison.Ordinal);
        var (instructions, stage) = (new List<(string, string, string)>(), "");
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ', 2);
            stage = words[0] == "FROM" ? StageName().Match(words[1]).Groups[1].Value : stage;
            instructions.Add((stage, words[0], Spaces().Replace(words[1], " ")));
        }

        return new(instructions);
    }

    /// <summary>The text of a stage's one instruction of a name.</summary>
    public string Only(string stage, string name) => Instructions.Single(i => i.Stage == stage && i.Name == name).Text;

    [GeneratedRegex(" AS ([a-z-]+)$")]
    private static partial Regex StageName();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}

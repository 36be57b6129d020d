using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests;
using Spectre.Console;

namespace Pushcart.Cli.Output;

/// <summary>Shows answers on standard output: as tables for people, or as they came, for programs.</summary>
/// <param name="output">Standard output.</param>
/// <param name="format">How.</param>
/// <param name="noColor">True: without colours, also on a terminal.</param>
internal sealed class Printer(TextWriter output, OutputFormat format, bool noColor)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, Color> s_colors = Colored(
        (Color.Green, "succeeded healthy created"),
        (Color.Blue, "running Running claimed changed"),
        (Color.Red, "failed lost expired unhealthy WrongConfig failing"),
        (Color.Yellow, "cancelled suspended"));

    /// <summary>How answers are shown.</summary>
    public OutputFormat Format => format;

    /// <summary>Standard output.</summary>
    public TextWriter Output => output;

    /// <summary>Shows an answer.</summary>
    /// <param name="answer">It.</param>
    /// <param name="people">The same for people.</param>
    public void Print(JsonNode? answer, Func<Listing> people)
    {
        if (format == OutputFormat.Table)
        {
            Table(people());
        }
        else
        {
            Raw(answer);
        }
    }

    /// <summary>Shows an answer.</summary>
    /// <param name="answer">It.</param>
    /// <param name="people">The same for people, in lines.</param>
    public void Print(JsonNode? answer, Func<IEnumerable<string>> people)
    {
        if (format != OutputFormat.Table)
        {
            Raw(answer);
            return;
        }

        foreach (var line in people())
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Shows an answer as it came.</summary>
    private void Raw(JsonNode? answer)
    {
        if (answer is not null)
        {
            output.Write(format == OutputFormat.Yaml ? ManifestWriter.Write(answer) : answer.ToJsonString(s_json) + "\n");
        }
    }

    private void Table(Listing listing)
    {
        if (listing.Rows.Count == 0)
        {
            return;
        }

        var isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        var plain = noColor || !isTerminal || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });

        // Each row is one line, however long: nothing of a cell is cut off, and an id that a narrow terminal breaks is copied whole.
        console.Profile.Width = 1_000_000;
        var table = new Table().NoBorder().HideHeaders();
        foreach (var heading in listing.Headings)
        {
            table.AddColumn(new TableColumn("") { Padding = new Padding(0, 0, 3, 0), NoWrap = true });
        }

        table.AddRow(listing.Headings.Select(h => new Text(h, new Style(decoration: Decoration.Bold))));
        foreach (var row in listing.Rows)
        {
            table.AddRow(row.Select(cell => new Text(cell, s_colors.TryGetValue(cell, out var color) ? new Style(color) : Style.Plain)));
        }

        console.Write(table);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }
    }

    private static Dictionary<string, Color> Colored(params (Color Color, string Words)[] colors) =>
        colors.SelectMany(c => c.Words.Split(' ').Select(word => (word, c.Color))).ToDictionary(pair => pair.word, pair => pair.Color, StringComparer.Ordinal);
}

using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Resources.Manifests.Syntax;

namespace Pushcart.Tests.Unit.Cli;

/// <summary>What programs and people read.</summary>
public sealed class PrinterTests
{
    private static readonly JsonNode s_answer = JsonNode.Parse("""{"name":"on","count":3,"none":null,"list":[{"at":"2030-01-31T00:00:00Z","text":"a: b\n\"c\" <é>"}]}""")!;

    [Fact]
    public void A_table_that_is_piped_has_each_row_on_one_line_whole_and_without_colours_or_what_steers_a_terminal()
    {
        var longest = new string('x', 5_000);
        var listing = new Listing("STATE", "REASON");
        listing.Add("failed", longest + " and " + longest);
        listing.Add("succeeded", "one\n\u001b[31mtwo");
        listing.Add("[bold]", null);

        Assert.Equal($"STATE       REASON\nfailed      {longest} and {longest}\nsucceeded   one  [31mtwo\n[bold]\n", Printed(OutputFormat.Table, printer => printer.Print(s_answer, () => listing)));
    }

    [Fact]
    public void A_table_without_rows_is_nothing() => Assert.Equal("", Printed(OutputFormat.Table, printer => printer.Print(s_answer, () => new Listing("STATE"))));

    [Fact]
    public void JSON_is_the_answer_as_it_came()
    {
        var text = Printed(OutputFormat.Json, printer => printer.Print(s_answer, () => new Listing("STATE")));

        Assert.True(JsonNode.DeepEquals(s_answer, JsonNode.Parse(text)));
        Assert.Contains("<é>", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void YAML_is_the_same()
    {
        var text = Printed(OutputFormat.Yaml, printer => printer.Print(s_answer, () => ["not this"]));

        Assert.StartsWith("name: \"on\"\ncount: 3\nnone: null\nlist:\n- at: \"2030-01-31T00:00:00Z\"\n", text, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(s_answer, Assert.Single(YamlText.Read(text)).Root));
    }

    [Fact]
    public void An_answer_of_nothing_prints_nothing_for_programs() => Assert.Equal("", Printed(OutputFormat.Json, printer => printer.Print(null, () => ["deleted"])));

    private static string Printed(OutputFormat format, Action<Printer> print)
    {
        using var output = new StringWriter();
        print(new Printer(output, format, noColor: false));
        return output.ToString();
    }
}

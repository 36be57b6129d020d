using System.Text.RegularExpressions;

namespace Pushcart.Tests.Unit.Layout;

/// <summary>Habits that only the text shows.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 6;
    private static readonly string s_root = Root();

    [Fact]
    public void A_function_decides_nothing()
    {
        var functions = Files("functions").SelectMany(f => Functions(File.ReadAllText(f)).Select(body => (File: Path.GetFileName(f), Body: body))).ToList();

        Assert.True(functions.Count >= 8, $"only {functions.Count} functions were found");
        Assert.All(functions, f => Assert.True(Fault(f.Body) is null, $"{f.File}: {Fault(f.Body)}:\n{f.Body}"));
    }

    [Theory]
    [InlineData("""[Function("A")] public Task A([T("x")] string m) => handler.HandleAsync(m);""", null)]
    [InlineData("""[Function("A")] public async Task A() { await one.DoAsync(); await two.DoAsync(); }""", null)]
    [InlineData("""[Function("A")] public Task A(string? m) { if (m is null) { return X; } return Y; }""", "if (")]
    [InlineData("""[Function("A")] public Task A() => ready ? X : Y;""", " ? ")]
    [InlineData("""[Function("A")] public Task A(string? m) => Do(m ?? "");""", "??")]
    [InlineData("""[Function("A")] public Task A() => a && b;""", "&&")]
    [InlineData("""[Function("A")] public Task A() => x switch { _ => y };""", "switch")]
    [InlineData("""[Function("A")] public Task A() { foreach (var x in y) { x(); } }""", "foreach (")]
    [InlineData("""[Function("A")] public void A() { try { x(); } catch (E) { } }""", "catch")]
    [InlineData("[Function(\"A\")] public void A()\n{\n    a();\n    b();\n    c();\n    d();\n    e();\n    f();\n}", null)]
    [InlineData("[Function(\"A\")] public void A()\n{\n    a();\n    b();\n    c();\n    d();\n    e();\n    f();\n    g();\n}", "7 lines")]
    public void A_branch_or_a_seventh_line_is_found(string text, string? fault) => Assert.Equal(fault, Fault(Assert.Single(Functions(text))));

    [Fact]
    public void No_write_of_the_product_takes_any_version()
    {
        // Change.cs refuses it, and therefore names it.
        var files = Files("shared/Pushcart", "functions", "cli").Where(f => !f.EndsWith("/Storage/Change.cs", StringComparison.Ordinal)).ToList();

        Assert.True(files.Count > 100);
        Assert.DoesNotContain(files, f => AnyVersion().IsMatch(File.ReadAllText(f)));
        Assert.Matches(AnyVersion(), "x(ETag.All)");
        Assert.Matches(AnyVersion(), "client.UpsertEntityAsync(row)");
        Assert.Matches(AnyVersion(), "new ETag(\"*\")");
    }

    [Fact]
    public void There_is_no_conditional_compilation()
    {
        Assert.DoesNotContain(Files("shared", "functions", "cli"), f => Conditional().IsMatch(File.ReadAllText(f)));
        Assert.Matches(Conditional(), "a\n  #if DEBUG\n");
    }

    /// <summary>What makes a body more than a call: a word of a branch, or the count of its lines; null where nothing does.</summary>
    private static string? Fault(string body)
    {
        var branch = Branch().Match(Strings().Replace(body, "\"\""));
        var lines = body.Split('\n').Count(line => line.Trim() is not ("" or "{" or "}"));
        return branch.Success ? branch.Value : lines > MostLines ? $"{lines} lines" : null;
    }

    /// <summary>The bodies of all functions of a file.</summary>
    private static IEnumerable<string> Functions(string text)
    {
        foreach (Match start in FunctionStart().Matches(text))
        {
            // Over the parameters, whose own attributes have parentheses too.
            var at = text.IndexOf('(', start.Index + start.Length);
            at = Closing(text, at, '(', ')') + 1;
            var arrow = text.IndexOf("=>", at, StringComparison.Ordinal);
            var brace = text.IndexOf('{', at);
            yield return arrow >= 0 && (brace < 0 || arrow < brace)
                ? text[(arrow + 2)..text.IndexOf(';', arrow)]
                : text[(brace + 1)..Closing(text, brace, '{', '}')];
        }
    }

    private static int Closing(string text, int from, char open, char close)
    {
        for (var (at, depth) = (from, 0); ; at++)
        {
            depth += text[at] == open ? 1 : text[at] == close ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }
    }

    private static IEnumerable<string> Files(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(file => file.Replace('\\', '/'))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not stand below the folder of Serverless.sln.");
    }

    // The end of a function's attribute, up to the name of the method.
    [GeneratedRegex("""\[Function\([^\]]*\)\]\s*(?:\[[^\]]*\]\s*)*public [^(;{]*(?=\()""")]
    private static partial Regex FunctionStart();

    [GeneratedRegex("""\b(if|for|foreach|while) \(|\bswitch\b|\bcatch\b|\bgoto\b|\?\?|&&|\|\|| \? """)]
    private static partial Regex Branch();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Strings();

    [GeneratedRegex("""ETag\.All\b|\bUpsert\w*\(|ETag\("\*"\)""")]
    private static partial Regex AnyVersion();

    [GeneratedRegex(@"^\s*#\s*(if|elif|else|endif)\b", RegexOptions.Multiline)]
    private static partial Regex Conditional();
}

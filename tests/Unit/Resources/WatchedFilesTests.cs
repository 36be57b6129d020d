using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources;

/// <summary>The expected answers are those of <c>git check-ignore</c>.</summary>
public sealed class WatchedFilesTests
{
    [Theory]
    [InlineData("*.md", "a.md", true)]
    [InlineData("*.md", "x/y/a.md", true)]
    [InlineData("*.md", "a.mdx", false)]
    [InlineData("*.md *.txt", "b.txt", true)]
    [InlineData("*.md !README.md", "README.md", false)]
    [InlineData("*.md !README.md", "x/README.md", false)]
    [InlineData("*.md !README.md README.md", "README.md", true)]
    [InlineData("docs/", "docs/a/b.txt", true)]
    [InlineData("docs/", "x/docs/a", true)]
    [InlineData("docs/", "docs", false)]
    [InlineData("docs", "docs", true)]
    [InlineData("docs/ !docs/a.md", "docs/a.md", true)]
    [InlineData("docs/* !docs/a.md", "docs/a.md", false)]
    [InlineData("*.md !docs", "docs/a.md", true)]
    [InlineData("/x", "x", true)]
    [InlineData("/x", "x/y", true)]
    [InlineData("/x", "a/x", false)]
    [InlineData("/x", "xy", false)]
    [InlineData("a/b", "a/b/c", true)]
    [InlineData("a/b", "z/a/b", false)]
    [InlineData("a/*", "a/b/c", true)]
    [InlineData("a/*.c", "a/b/x.c", false)]
    [InlineData("**/foo", "foo", true)]
    [InlineData("**/foo", "a/b/foo", true)]
    [InlineData("**/foo/bar", "a/foo/bar", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a", false)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/y/b", true)]
    [InlineData("a/**/b", "a/x/y/c", false)]
    [InlineData("**foo", "xfoo", true)]
    [InlineData("/* !/docs/", "docs/a", false)]
    [InlineData("/* !/docs/", "src/a", true)]
    [InlineData("?.c", "a.c", true)]
    [InlineData("?.c", "ab.c", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[[:digit:]]", "7", true)]
    [InlineData("\\!x", "!x", true)]
    [InlineData("\\#x", "#x", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "x", false)]
    [InlineData("a!b", "a!b", true)]
    [InlineData("A", "a", false)]
    public void Patterns_mean_what_they_mean_to_git(string patterns, string path, bool expected) =>
        Assert.Equal(expected, new WatchedFiles(patterns.Split(' ')).Matches(path));

    [Fact]
    public void Trailing_spaces_do_not_count_unless_they_are_escaped()
    {
        Assert.True(new WatchedFiles(["a  "]).Matches("a"));
        Assert.True(new WatchedFiles(["a\\ "]).Matches("a "));
        Assert.False(new WatchedFiles(["a\\ "]).Matches("a"));
    }

    [Fact]
    public void Without_patterns_everything_is_watched() => Assert.True(new WatchedFiles([]).Matches("any/file"));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("!")]
    [InlineData("/")]
    [InlineData("!/")]
    [InlineData("#note")]
    [InlineData("a//b")]
    [InlineData("a\\")]
    [InlineData("a[b")]
    [InlineData("a\0")]
    [InlineData("a\nb")]
    public void Patterns_that_mean_nothing_are_refused(string pattern)
    {
        Assert.NotNull(WatchedFiles.Fault(pattern));
        Assert.Throws<ArgumentException>(() => new WatchedFiles(["x", pattern]));
    }

    [Fact]
    public void Number_and_length_are_bounded()
    {
        Assert.Null(WatchedFiles.Fault(new string('a', 1024)));
        Assert.Contains("longer than 1,024", WatchedFiles.Fault(new string('a', 1025)), StringComparison.Ordinal);
        Assert.Null(WatchedFiles.FaultOfAll([.. Enumerable.Repeat("a", 100)]));
        Assert.Contains("at most 100", WatchedFiles.FaultOfAll([.. Enumerable.Repeat("a", 101)]), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Patterns_made_to_be_slow_are_not()
    {
        var watched = new WatchedFiles([string.Concat(Enumerable.Repeat("**/a/", 200)) + "b", string.Concat(Enumerable.Repeat("a*", 500)) + "b"]);
        var deep = string.Join('/', Enumerable.Repeat("a", 1000));
        var wide = new string('a', 2000);
        Assert.False(await Task.Run(() => watched.Matches(deep) || watched.Matches(wide)));
    }
}

using System.Text;
using Pushcart.Execution.Process.Output;

namespace Pushcart.Tests.Unit.Execution.Process.Output;

public sealed class LogTailTests
{
    [Theory]
    [InlineData("aü€😀", 1, "")]
    [InlineData("aü€😀", 4, "😀")]
    [InlineData("aü€😀", 6, "😀")]
    [InlineData("aü€😀", 7, "€😀")]
    [InlineData("aü€😀", 8, "€😀")]
    [InlineData("aü€😀", 100, "aü€😀")]
    public void It_begins_with_a_whole_character(string output, int bytes, string expected)
    {
        var all = Encoding.UTF8.GetBytes(output);
        var tail = all.AsSpan(Math.Max(0, all.Length - bytes));

        Assert.Equal(expected, LogTail.Text(tail, bytes, cut: tail.Length < all.Length));
    }

    [Fact]
    public void What_is_no_text_is_replaced_and_takes_no_more_room_than_was_asked_for()
    {
        Assert.Equal("a\uFFFDb", LogTail.Text([0x61, 0xFF, 0x62], 10, cut: false));

        var text = LogTail.Text(Enumerable.Repeat((byte)0xFF, 100).ToArray(), 100, cut: true);

        Assert.Equal(new string('\uFFFD', 33), text);
    }

    [Fact]
    public async Task A_file_that_is_not_there_has_no_tail() =>
        Assert.Null(await LogTail.ReadAsync(Path.Combine(Path.GetTempPath(), "pushcart-no-such-output"), 10, default));
}

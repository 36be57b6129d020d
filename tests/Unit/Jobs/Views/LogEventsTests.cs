using System.IO.Pipelines;
using System.Text;
using Pushcart.Jobs.Views;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Jobs.Views;

public sealed class LogEventsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "1:a")]
    [InlineData("a\n\nb\n", "1:a 2: 3:b")]
    [InlineData("50%\r100%\r\ndone", "1:50% 2:100% 3:done")]
    [InlineData("ends in\r", "1:ends in")]
    public async Task Each_line_is_an_event_with_its_number_and_the_end_is_told(string output, string expected)
    {
        Assert.Equal(Events(expected), await CopyAsync(Encoding.UTF8.GetBytes(output)));
    }

    [Fact]
    public async Task What_the_client_has_seen_is_left_out_and_what_is_no_number_counts_as_nothing()
    {
        Assert.Equal(Events("2:b 3:c"), await CopyAsync("a\nb\nc"u8.ToArray(), "1"));
        Assert.Equal(Events(""), await CopyAsync("a\n"u8.ToArray(), "99999999"));
        Assert.Equal(Events("1:a"), await CopyAsync("a\n"u8.ToArray(), "-1"));
        Assert.Equal(Events("1:a"), await CopyAsync("a\n"u8.ToArray(), "x"));
    }

    [Fact]
    public async Task A_line_that_never_ends_is_told_in_pieces_and_what_is_no_text_does_not_end_it()
    {
        var told = await CopyAsync([.. Enumerable.Repeat((byte)'x', 40_000), 0xff, (byte)'\n']);

        var lines = told.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..]).ToList();
        Assert.Equal([16_384, 16_384, 7_233], lines.Select(line => line.Length));
        Assert.EndsWith("x\ufffd", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Characters_that_come_in_parts_are_whole_and_silence_is_filled_by_a_comment()
    {
        var time = new ManualTime();
        var (output, events) = (new Pipe(), new Pipe());
        var copying = LogEvents.CopyAsync(output.Reader.AsStream(), null, events.Writer.AsStream(), time, CancellationToken.None);
        var bytes = "ü\n"u8.ToArray();
        await output.Writer.WriteAsync(bytes.AsMemory(0, 1));
        await output.Writer.WriteAsync(bytes.AsMemory(1));
        using var told = new StreamReader(events.Reader.AsStream());
        Assert.Equal(("id: 1", "data: ü", ""), (await told.ReadLineAsync(), await told.ReadLineAsync(), await told.ReadLineAsync()));

        // The wait for more may begin a little later than the event is read here.
        var reading = told.ReadLineAsync();
        while (!reading.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }

        Assert.Equal(": still running", await reading);
        await output.Writer.CompleteAsync();
        await copying;
    }

    private static string Events(string expected) =>
        string.Concat(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(new List<string>(), (all, word) => word.Contains(':', StringComparison.Ordinal) ? [.. all, word] : [.. all[..^1], $"{all[^1]} {word}"])
            .Select(e => $"id: {e.Split(':')[0]}\ndata: {e.Split(':')[1]}\n\n")) + "event: end\ndata:\n\n";

    private static async Task<string> CopyAsync(byte[] output, string? lastId = null)
    {
        using var events = new MemoryStream();
        await LogEvents.CopyAsync(new MemoryStream(output), lastId, events, TimeProvider.System, CancellationToken.None);
        return Encoding.UTF8.GetString(events.ToArray());
    }
}

using System.Text;
using Pushcart.Workers.Working.Runs;

namespace Pushcart.Tests.Unit.Workers.Working;

public sealed class LogPiecesTests
{
    [Fact]
    public void Where_output_is_cut_depends_on_the_output_alone()
    {
        var whole = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 4000).Select(n => $"line {n}: größer\n")));
        Assert.Equal(Cut(whole, [whole.Length]), Cut(whole, [10, 1000, 1025, 5000, 20_000, whole.Length]));
    }

    [Fact]
    public void A_piece_ends_with_a_line_and_never_within_a_character()
    {
        var lines = Cut(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("twelve chars\n", 300))), [int.MaxValue]);
        Assert.All(lines, piece => Assert.EndsWith("\n", piece, StringComparison.Ordinal));
        var one = string.Concat(Enumerable.Repeat("€", 2000));
        Assert.Equal(one, string.Concat(Cut(Encoding.UTF8.GetBytes(one), [int.MaxValue])));
    }

    [Fact]
    public void No_more_is_sent_than_is_kept_and_it_takes_few_pieces()
    {
        var pieces = Cut(new byte[LogPieces.Most + 5000], [int.MaxValue]);
        Assert.InRange(pieces.Sum(p => p.Length), LogPieces.Most, LogPieces.Most + 8192);
        Assert.InRange(pieces.Count, 20, 60);
    }

    private static List<string> Cut(byte[] whole, int[] seen)
    {
        var (pieces, cut) = (new LogPieces(), new List<string>());
        foreach (var length in seen.Select(s => Math.Min(s, whole.Length)))
        {
            while (!pieces.IsFull && pieces.Next(whole.AsSpan((int)pieces.Sent, Math.Max(0, length - (int)pieces.Sent)), length == whole.Length) is { } piece)
            {
                cut.Add(piece.Text);
                pieces.Took(piece.Bytes);
            }
        }

        return cut;
    }
}

using System.Globalization;
using System.Text;
using Pushcart.Storage;

namespace Pushcart.Jobs.Views;

/// <summary>
/// What registered workers send of their runs' output, bounded: pieces while a run is at work, and the tail with its end. One partition a job, so that it goes at once with the job's history.
/// </summary>
public sealed class RunOutput(Table logs)
{
    /// <summary>Bytes of UTF-8 that are kept of a run besides its tail: 256 KiB.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>Bytes of UTF-8 of one piece, or of a tail, at most: 32 KiB.</summary>
    public const int PieceBytes = 32 * 1024;

    /// <summary>Pieces of a run at most.</summary>
    public const int MostPieces = 1_000;

    private const string Tail = "tail";
    private const string Size = "bytes";

    /// <summary>Keeps a piece. Sent again, it stands there once.</summary>
    /// <param name="job">Id of the job.</param>
    /// <param name="run">The run.</param>
    /// <param name="number">Which piece, from 0.</param>
    /// <param name="text">The piece.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    /// <returns>True where the run has all that is kept, and what follows is dropped.</returns>
    public async Task<bool> AppendAsync(string job, int run, int number, string text, CancellationToken cancellation)
    {
        var there = await logs.RangeAsync(job, Prefix(run), [nameof(Azure.Data.Tables.TableEntity.RowKey), Size], filter: null, cancellation).ConfigureAwait(false);
        var kept = there.Where(row => !row.RowKey.EndsWith(Tail, StringComparison.Ordinal)).Sum(row => row.GetInt32(Size) ?? 0);
        var bytes = Encoding.UTF8.GetByteCount(text);
        var key = Prefix(run) + number.ToString("D4", CultureInfo.InvariantCulture);
        if (there.Exists(row => row.RowKey == key) || bytes == 0)
        {
            return kept >= MostBytes;
        }

        if (kept + bytes > MostBytes || number >= MostPieces)
        {
            return true;
        }

        await InsertAsync(job, key, text, bytes, cancellation).ConfigureAwait(false);
        return kept + bytes >= MostBytes;
    }

    /// <summary>Keeps the tail that came with the end of a run.</summary>
    public Task KeepTailAsync(string job, int run, string text, CancellationToken cancellation) =>
        InsertAsync(job, Prefix(run) + Tail, text, Encoding.UTF8.GetByteCount(text), cancellation);

    /// <summary>The tail of a run, where its worker has sent one; else the end of its pieces; null where there is nothing.</summary>
    public async Task<string?> TailAsync(string job, int run, CancellationToken cancellation)
    {
        if (await logs.FindAsync(job, Prefix(run) + Tail, cancellation).ConfigureAwait(false) is { } row)
        {
            return row.GetText("text");
        }

        if (await WholeAsync(job, run, cancellation).ConfigureAwait(false) is not { } whole)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(whole);
        var from = Math.Max(0, bytes.Length - JobSettings.LogTailBytes);
        while (from < bytes.Length && (bytes[from] & 0xC0) == 0x80)
        {
            from++;
        }

        return Encoding.UTF8.GetString(bytes.AsSpan(from));
    }

    /// <summary>All that is kept of a run, from its beginning; where no pieces came, its tail; null where there is nothing.</summary>
    public async Task<string?> WholeAsync(string job, int run, CancellationToken cancellation)
    {
        var rows = await logs.RangeAsync(job, Prefix(run), select: null, filter: null, cancellation).ConfigureAwait(false);
        var pieces = rows.Where(row => !row.RowKey.EndsWith(Tail, StringComparison.Ordinal)).ToList();
        return rows.Count == 0 ? null : string.Concat((pieces.Count > 0 ? pieces : rows).Select(row => row.GetText("text")));
    }

    /// <summary>Deletes all that is kept of a job.</summary>
    public async Task DeleteAsync(string job, CancellationToken cancellation)
    {
        var filter = Azure.Data.Tables.TableClient.CreateQueryFilter($"PartitionKey eq {job}");
        var rows = new List<Azure.Data.Tables.TableEntity>();
        await foreach (var row in logs.QueryAsync(filter, ["PartitionKey", "RowKey"], cancellation).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        while (rows.Count > 0)
        {
            var some = rows.Take(Table.MaximumChanges).ToList();
            var answer = await logs.WriteAsync([.. some.Select(row => Change.Delete(row.PartitionKey, row.RowKey, row.ETag))], cancellation).ConfigureAwait(false);

            // Another clean-up was faster with one of them.
            rows.RemoveRange(answer.Applied ? 0 : Math.Max(0, answer.ConflictAt), answer.Applied ? some.Count : 1);
        }
    }

    // One that is there was sent before: it stays as it is.
    private Task<WriteAnswer> InsertAsync(string job, string key, string text, int bytes, CancellationToken cancellation)
    {
        var row = Rows.New(job, key);
        row[Size] = bytes;
        row.SetText("text", text);
        return logs.WriteAsync([Change.Insert(row)], cancellation);
    }

    private static string Prefix(int run) => run.ToString("D4", CultureInfo.InvariantCulture) + "|";
}

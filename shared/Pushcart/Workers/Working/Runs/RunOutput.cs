using System.Text;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;

namespace Pushcart.Workers.Working.Runs;

/// <summary>The output of runs: sent in pieces while they are at work, and its end with the report.</summary>
public sealed class RunOutput(WorkerCalls calls, IExecutor executor, TimeProvider time, ILogger<RunOutput> log)
{
    /// <summary>Bytes of a report's log tail.</summary>
    public const int TailBytes = 32 * 1024;

    private const int MostProgress = 200;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Sends what there is to send.</summary>
    /// <param name="job">The claim.</param>
    /// <param name="isLast">True where the run has ended.</param>
    /// <param name="cancellation">Ends it, by an exception.</param>
    /// <returns>False where the link failed on the way, and the rest is still to be sent.</returns>
    public async Task<bool> SendAsync(HeldJob job, bool isLast, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        var pieces = job.Output;
        if (pieces.IsFull || await ReadAsync(job, cancellation).ConfigureAwait(false) is not { } output)
        {
            return true;
        }

        job.Progress = LastLine(output) ?? job.Progress;
        while (!pieces.IsFull && pieces.Next(output.AsSpan(Math.Min((int)pieces.Sent, output.Length)), isLast || output.Length >= LogPieces.Most) is { } piece)
        {
            var answer = await calls.LogAsync(job, pieces.Number, piece.Text, cancellation).ConfigureAwait(false);
            if (answer.Failure is not null)
            {
                return false;
            }

            if (answer.Refusal is { } refusal)
            {
                // What it says of the claim, the next renewal says too.
                log.LogDebug("job {Id}: a piece of its output was refused: {Why}", job.Id, refusal);
                pieces.IsFull = true;
                return true;
            }

            pieces.Took(piece.Bytes);
            pieces.IsFull |= answer.Value is { Full: true };
        }

        return true;
    }

    /// <summary>The end of its output, of which the server takes so much; null where there is none to be had.</summary>
    public async Task<string?> TailAsync(HeldJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        using var timer = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            var tail = await executor.ReadLogTailAsync(job.Key, TailBytes, either.Token).ConfigureAwait(false);

            // Bytes that are no text have become longer.
            while (tail is not null && Encoding.UTF8.GetByteCount(tail) is var bytes && bytes > TailBytes)
            {
                tail = tail[Math.Min(tail.Length, Math.Max(1, (bytes - TailBytes) / 3))..];
            }

            return tail;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("job {Id}: the end of its output was not read within {Timeout}, and is left out", job.Id, s_timeout);
            return null;
        }
    }

    private async Task<byte[]?> ReadAsync(HeldJob job, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            if (await executor.OpenLogAsync(job.Key, follow: false, either.Token).ConfigureAwait(false) is not { } stream)
            {
                return null;
            }

            await using (stream.ConfigureAwait(false))
            {
                var bytes = new byte[LogPieces.Most];
                var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token).ConfigureAwait(false);
                return bytes[..length];
            }
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            log.LogDebug("job {Id}: its output was not read: {Error}", job.Id, e.Message);
            return null;
        }
    }

    private static string? LastLine(byte[] output)
    {
        var end = output.AsSpan().TrimEnd("\r\n"u8);
        var line = end[(end.LastIndexOf((byte)'\n') + 1)..];
        return line.Length == 0 ? null : OneLine(Encoding.UTF8.GetString(line));
    }

    /// <summary>A text as progress is told: one line without control characters, and short.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = string.Concat(text.Where(c => !char.IsControl(c))).Trim();
        return plain.Length <= MostProgress ? plain : plain[..MostProgress];
    }
}

using System.Globalization;
using System.Text;

namespace Pushcart.Jobs.Views;

/// <summary>
/// Output of a job as server-sent events (WHATWG HTML, 9.2): one event a line, whose id is its number from 1, so that a client which comes back with <c>Last-Event-ID</c> goes on after it; a
/// comment every 15 s, so that nothing between takes silence for an end; and at the end the event <c>end</c>.
/// </summary>
public static class LogEvents
{
    /// <summary>The content type.</summary>
    public const string ContentType = "text/event-stream";

    // A line that never ends is told in pieces.
    private const int LongestLine = 16 * 1024;
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15);

    /// <summary>True where a request asks for events.</summary>
    /// <param name="accept">Its header <c>Accept</c>; null where it has none.</param>
    public static bool AreAskedFor(string? accept) => accept?.Contains(ContentType, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Writes output as events, until it ends.</summary>
    /// <param name="output">The output, from its beginning.</param>
    /// <param name="lastId">What the client has seen already: its <c>Last-Event-ID</c>; null, or anything but a number, for nothing.</param>
    /// <param name="to">Where events go; it is flushed whenever the output pauses.</param>
    /// <param name="time">Measures silence.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public static async Task CopyAsync(Stream output, string? lastId, Stream to, TimeProvider time, CancellationToken cancellation)
    {
        var skip = long.TryParse(lastId, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : 0;
        var decoder = Encoding.UTF8.GetDecoder();
        var bytes = new byte[16 * 1024];
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var line = new StringBuilder();
        var events = new StringBuilder();
        long number = 0;
        var afterReturn = false;
        void EndLine()
        {
            if (++number > skip)
            {
                events.Append(CultureInfo.InvariantCulture, $"id: {number}\ndata: {line}\n\n");
            }

            line.Clear();
        }

        while (true)
        {
            var count = await ReadAsync(output, bytes, to, time, cancellation).ConfigureAwait(false);
            var length = decoder.GetChars(bytes, 0, count, characters, 0, flush: count == 0);
            foreach (var c in characters.AsSpan(0, length))
            {
                // A carriage return ends a line of events too; with a line feed after it they are one end.
                if (c is '\n' or '\r')
                {
                    if (!(c == '\n' && afterReturn))
                    {
                        EndLine();
                    }
                }
                else
                {
                    line.Append(c);
                    if (line.Length == LongestLine)
                    {
                        EndLine();
                    }
                }

                afterReturn = c == '\r';
            }

            if (count == 0)
            {
                if (line.Length > 0)
                {
                    EndLine();
                }

                events.Append("event: end\ndata:\n\n");
            }

            await to.WriteAsync(Encoding.UTF8.GetBytes(events.ToString()), cancellation).ConfigureAwait(false);
            await to.FlushAsync(cancellation).ConfigureAwait(false);
            events.Clear();
            if (count == 0)
            {
                return;
            }
        }
    }

    private static async Task<int> ReadAsync(Stream output, byte[] bytes, Stream to, TimeProvider time, CancellationToken cancellation)
    {
        var reading = output.ReadAsync(bytes, cancellation).AsTask();
        while (true)
        {
            using var heard = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var silence = Task.Delay(s_silence, time, heard.Token);
            if (await Task.WhenAny(reading, silence).ConfigureAwait(false) == reading || cancellation.IsCancellationRequested)
            {
                await heard.CancelAsync().ConfigureAwait(false);
                return await reading.ConfigureAwait(false);
            }

            await to.WriteAsync(": still running\n\n"u8.ToArray(), cancellation).ConfigureAwait(false);
            await to.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }
}

using System.IO.Pipelines;

namespace Pushcart.Execution.Process.Output;

/// <summary>The output of a run that is still being written.</summary>
internal static class FollowedOutput
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    /// <summary>Gives what a file holds and what comes to it, until the run has ended and all of it was given.</summary>
    /// <param name="file">The file; it is disposed at the end.</param>
    /// <param name="isAlive">Whether the run may still write.</param>
    /// <param name="time">What it waits by.</param>
    /// <param name="cancellation">Ends it, as an error of who reads.</param>
    public static Stream Of(FileStream file, Func<CancellationToken, Task<bool>> isAlive, TimeProvider time, CancellationToken cancellation)
    {
        var pipe = new Pipe();
        _ = CopyAsync(file, pipe.Writer, isAlive, time, cancellation);
        return pipe.Reader.AsStream();
    }

    // Whatever goes wrong is told to the reader, by the pipe.
    private static async Task CopyAsync(FileStream file, PipeWriter writer, Func<CancellationToken, Task<bool>> isAlive, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await using (file)
            {
                for (var alive = true; ;)
                {
                    var read = await file.ReadAsync(writer.GetMemory(16 * 1024), cancellation);
                    writer.Advance(read);
                    if (read > 0)
                    {
                        if ((await writer.FlushAsync(cancellation)).IsCompleted)
                        {
                            break;
                        }
                    }
                    else if (!alive)
                    {
                        break;
                    }
                    else if (alive = await isAlive(cancellation))
                    {
                        await Task.Delay(s_look, time, cancellation);
                    }
                }
            }

            await writer.CompleteAsync();
        }
        catch (Exception failure)
        {
            await writer.CompleteAsync(failure);
        }
    }
}

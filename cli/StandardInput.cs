namespace Pushcart.Cli;

/// <summary>Reads standard input so that Ctrl-C ends the command at once, which a read of a terminal does not notice.</summary>
internal static class StandardInput
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(30);

    /// <summary>All of it.</summary>
    public static Task<string> ReadAsync(CancellationToken cancellation) => Task.Run(Console.In.ReadToEnd, cancellation).WaitAsync(cancellation);

    /// <summary>A line that is typed on a terminal, without showing it.</summary>
    public static async Task<string> TypedAsync(TimeProvider time, CancellationToken cancellation)
    {
        var text = "";
        while (true)
        {
            if (!Console.KeyAvailable)
            {
                await Task.Delay(s_look, time, cancellation);
                continue;
            }

            var key = Console.ReadKey(intercept: true);
            switch (key.Key, key.KeyChar)
            {
                case (ConsoleKey.Enter, _) or (_, '\u0004'):
                    return text;
                case (ConsoleKey.Backspace, _):
                    text = text.Length == 0 ? text : text[..^1];
                    break;
                default:
                    text += key.KeyChar;
                    break;
            }
        }
    }
}

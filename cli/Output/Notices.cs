namespace Pushcart.Cli.Output;

/// <summary>What is told on standard error: errors, warnings, hints, and, on a terminal only, what is waited for.</summary>
/// <param name="errors">Standard error.</param>
internal sealed class Notices(TextWriter errors)
{
    private const string ClearLine = "\r\u001b[K";
    private readonly bool _isTerminal = ReferenceEquals(errors, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
    private string _shown = "";

    /// <summary>Why it is not done.</summary>
    public void Error(string message) => Line($"error: {message}");

    /// <summary>What the user should know although it is done.</summary>
    public void Warning(string message) => Line($"warning: {message}");

    /// <summary>What the user may do next, or what there is not.</summary>
    public void Hint(string message) => Line(message);

    /// <summary>What is waited for, in place of what was shown before; nothing where there is no terminal.</summary>
    public void Progress(string text)
    {
        if (_isTerminal && text != _shown)
        {
            errors.Write(ClearLine + (text.Length < Console.WindowWidth ? text : text[..Math.Max(0, Console.WindowWidth - 1)]));
            _shown = text;
        }
    }

    /// <summary>Takes away what <see cref="Progress"/> has shown.</summary>
    public void Clear()
    {
        if (_shown.Length > 0)
        {
            errors.Write(ClearLine);
            _shown = "";
        }
    }

    private void Line(string text)
    {
        Clear();
        errors.WriteLine(text);
    }
}

using Microsoft.Extensions.Logging;

namespace Pushcart.Cli.Worker;

/// <summary>The log of a worker: one line an entry on standard output, with the time and, where it is no mere information, its level.</summary>
/// <param name="output">Where.</param>
/// <param name="time">The time.</param>
internal sealed class ConsoleLog(TextWriter output, TimeProvider time) : ILoggerFactory, ILogger
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var level = logLevel switch { LogLevel.Information => "", LogLevel.Warning => "warning: ", _ => "error: " };
        Line($"{level}{formatter(state, exception)}{(exception is null ? "" : $": {exception}")}");
    }

    /// <summary>Writes a line.</summary>
    public void Line(string text)
    {
        lock (_lock)
        {
            output.WriteLine($"{Rfc3339.Text(time.GetUtcNow())} {text.ReplaceLineEndings(" ")}");
            output.Flush();
        }
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("The worker's log has one place.");

    /// <inheritdoc/>
    public void Dispose()
    {
        // Standard output is nobody's to close.
    }
}

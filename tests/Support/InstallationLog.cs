using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Pushcart.Tests.Support;

/// <summary>Keeps what the product logs, for assertions and for a failing test's message.</summary>
public sealed class InstallationLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    /// <summary>All lines.</summary>
    public IReadOnlyList<(LogLevel Level, string Text)> Lines => [.. _lines];

    /// <summary>All lines as one text.</summary>
    public string Text => string.Join('\n', _lines.Select(line => $"{line.Level}: {line.Text}"));

    /// <summary>Forgets all lines.</summary>
    public void Clear() => _lines.Clear();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Enqueue((logLevel, formatter(state, exception) + (exception is null ? "" : "\n" + exception)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}

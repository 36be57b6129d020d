using System.Runtime.InteropServices;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// Ends the process at once when a second signal comes while the host still waits for what runs. The first signal is the framework's. What
/// ran is lost as by a kill: its messages are seen again when they are no longer hidden.
/// </summary>
internal sealed class SecondSignal : IDisposable
{
    /// <summary>One stop may arrive twice: at the whole group of processes, and passed on by the parent.</summary>
    private static readonly TimeSpan SameStop = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly Action<int> _end;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _lock = new();
    private long? _first;

    /// <summary>Begins to listen to signals.</summary>
    /// <param name="time">Tells a second signal from the same one.</param>
    /// <param name="end">Ends the process, with an exit code.</param>
    public SecondSignal(TimeProvider time, Action<int> end)
    {
        (_time, _end) = (time, end);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Receive(130)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Receive(143)),
        ];
    }

    /// <summary>A signal has come.</summary>
    /// <param name="exitCode">The exit code of a process that it ends.</param>
    internal void Receive(int exitCode)
    {
        lock (_lock)
        {
            if (_first is null)
            {
                _first = _time.GetTimestamp();
                return;
            }

            if (_time.GetElapsedTime(_first.Value) < SameStop)
            {
                return;
            }
        }

        _end(exitCode);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }
}

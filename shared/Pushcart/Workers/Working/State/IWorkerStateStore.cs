using System.Text.Json;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.State;

/// <summary>Where a worker's state is kept. One process at a time has it.</summary>
public interface IWorkerStateStore
{
    /// <summary>How it is called in messages: a path, or a Secret's name.</summary>
    string Where { get; }

    /// <summary>Reads the state.</summary>
    /// <returns>The state, null where there is none yet; or an error for a person.</returns>
    Task<(WorkerState? State, string? Error)> ReadAsync(CancellationToken cancellation);

    /// <summary>Writes the state, whole or not at all.</summary>
    /// <returns>Null; or why it is not written, for a person.</returns>
    Task<string?> WriteAsync(WorkerState state, CancellationToken cancellation);
}

/// <summary>The text of a state.</summary>
internal static class StateText
{
    /// <summary>Its text.</summary>
    public static string Of(WorkerState state) => WireJson.Write(state);

    /// <summary>Reads a text; null where it is no state.</summary>
    public static WorkerState? Read(string text)
    {
        try
        {
            return WireJson.Read<WorkerState>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

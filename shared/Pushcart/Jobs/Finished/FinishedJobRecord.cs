using System.Collections;
using Microsoft.Extensions.Logging;

namespace Pushcart.Jobs.Finished;

/// <summary>
/// The one log record of a finished job: the event <c>JobFinished</c>, with each column of its row in history as a field of its own, but for the tail of its output, which is up to 64,000 bytes and
/// stands in history. Whoever takes the job's row away, or notes that only a report is missing, tells it: that happens once.
/// </summary>
internal sealed class FinishedJobRecord : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>The event, by which it is found among all others.</summary>
    public static EventId Event { get; } = new(1, "JobFinished");

    private readonly List<KeyValuePair<string, object?>> _fields;
    private readonly string _text;

    private FinishedJobRecord(Job job)
    {
        _fields = [new("id", job.Id), .. History.FieldsOf(job).Select(field => new KeyValuePair<string, object?>(field.Name, field.Value))];
        var took = job.EndedAt - job.StartedAt is { } ran ? $" after {ran.TotalSeconds:0.0} s" : "";
        _text = $"job {job.Id} finished: {job.Outcome.ToString()!.ToLowerInvariant()}{took}";
    }

    /// <inheritdoc/>
    public int Count => _fields.Count;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <summary>Tells that a job is finished.</summary>
    public static void Tell(ILogger log, Job job)
    {
        var record = new FinishedJobRecord(job);
        log.Log(LogLevel.Information, Event, record, null, (state, _) => state._text);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => _text;

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

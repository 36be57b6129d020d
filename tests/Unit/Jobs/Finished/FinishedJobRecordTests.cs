using System.Globalization;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs.Finished;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Storage;

namespace Pushcart.Tests.Unit.Jobs.Finished;

public sealed class FinishedJobRecordTests
{
    [Fact]
    public async Task It_has_each_column_of_the_row_in_history_but_the_output()
    {
        var storage = new MemoryStorage(new ManualTime());
        await storage.Clients.CreateAsync(default);
        var table = storage.Clients.Table(TableNames.History);
        var job = GivenJob.Full();

        await new History(table).InsertAsync([(job, "the output")], default);
        var log = new Records();
        Archiving.TellFinished(log, job);

        var row = (await table.FindAsync(History.PartitionOf(job.SubmittedAt), History.KeyOf(job.Id), default))!;
        var columns = row.Keys.Except(["odata.etag", "odata.metadata", "PartitionKey", "RowKey", "Timestamp", "v", "log"]).Order(StringComparer.Ordinal).ToList();
        var (id, text, fields) = Assert.Single(log.All);
        Assert.Equal("JobFinished", id.Name);
        Assert.Equal($"job {job.Id} finished: failed after 20.0 s", text);
        Assert.Equal(job.Id, fields["id"]);
        Assert.Equal(columns, fields.Keys.Except(["id"]).Order(StringComparer.Ordinal));
        Assert.All(columns, column => Assert.Equal(Text(row[column]), Text(fields[column])));
        Assert.DoesNotContain(fields.Values, v => v as string == "the output");

        // Nothing that a finished job can have was left out of this test.
        Assert.Contains("traceParent", columns);
        Assert.True(columns.Count >= 37, $"{columns.Count} columns");
    }

    private static string? Text(object? value) => value switch
    {
        DateTimeOffset time => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };

    private sealed class Records : ILogger
    {
        public List<(EventId Id, string Text, Dictionary<string, object?> Fields)> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((eventId, formatter(state, exception), ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary()));
    }
}

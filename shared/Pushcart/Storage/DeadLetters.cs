using System.Globalization;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Pushcart.Storage;

/// <summary>Messages that could not be read, kept with their text, so that a person can look at them and send them again.</summary>
public sealed class DeadLetters(Table dead, TimeProvider time, Chance chance, ILogger<DeadLetters> log)
{
    /// <summary>How long they are kept. 30 days.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromDays(30);

    /// <summary>Deletes those that are older.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        var old = TableClient.CreateQueryFilter($"at lt {time.GetUtcNow() - Kept}");
        await foreach (var row in dead.QueryAsync(old, ["PartitionKey", "RowKey"], cancellation).ConfigureAwait(false))
        {
            await dead.WriteAsync([Change.Delete(row.PartitionKey, row.RowKey, row.ETag)], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps a message.</summary>
    /// <param name="queue">Short name of its queue.</param>
    /// <param name="text">Its text.</param>
    /// <param name="reason">Why it could not be handled.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task KeepAsync(string queue, string text, string reason, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var row = Rows.New(queue, string.Create(CultureInfo.InvariantCulture, $"{9_999_999_999_999 - now.ToUnixTimeMilliseconds():D13}-{chance.NewId()}"));
        row["at"] = now;
        row["reason"] = reason;
        row.SetText("text", text);
        await dead.WriteAsync([Change.Insert(row)], cancellation).ConfigureAwait(false);
        log.LogError("a message of the queue '{Queue}' is dead and kept in the table 'dead' as {Key}: {Reason}", queue, row.RowKey, reason);
    }
}

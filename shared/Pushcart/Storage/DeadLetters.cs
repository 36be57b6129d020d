using System.Globalization;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Pushcart.Storage;

/// <summary>Messages that could not be read, kept with their text, so that a person can look at them and send them again.</summary>
public sealed partial class DeadLetters(Table dead, TimeProvider time, Chance chance, ILogger<DeadLetters> log)
{
    private static readonly string[] s_queues = [QueueNames.Checks, QueueNames.Jobs];

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
        log.LogError("a message of the queue '{Queue}' is dead and kept in the table 'dead' as {Key}, see: pushcart dead get {Key}: {Reason}", queue, row.RowKey, row.RowKey, reason);
    }

    /// <summary>Some of them, newest first, of all queues.</summary>
    /// <param name="after">Id of the last one of the page before, or null.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <returns>The letters, and whether there are more.</returns>
    public async Task<(IReadOnlyList<DeadLetter> Letters, bool More)> PageAsync(string? after, int most, CancellationToken cancellation)
    {
        // A partition a queue, each newest first: the newest of all are among the newest of each.
        var rows = await Task.WhenAll(s_queues.Select(queue => RowsAsync(queue, after ?? "", most + 1, cancellation))).ConfigureAwait(false);
        var letters = rows.SelectMany(some => some).OrderBy(row => row.RowKey, StringComparer.Ordinal).Take(most + 1).ToList();
        return ([.. letters.Take(most).Select(Read)], letters.Count > most);
    }

    /// <summary>One of them; null where there is none.</summary>
    public async Task<DeadLetter?> FindAsync(string id, CancellationToken cancellation)
    {
        if (!IdForm().IsMatch(id))
        {
            return null;
        }

        var rows = await Task.WhenAll(s_queues.Select(queue => dead.FindAsync(queue, id, cancellation))).ConfigureAwait(false);
        return rows.FirstOrDefault(row => row is not null && !Rows.IsNewer(row)) is { } row ? Read(row) : null;
    }

    /// <summary>Deletes one. It is never changed, so a conflict means that it is gone already.</summary>
    public Task DeleteAsync(DeadLetter letter, CancellationToken cancellation) => dead.WriteAsync([Change.Delete(letter.Queue, letter.Id, letter.ETag)], cancellation);

    private async Task<List<TableEntity>> RowsAsync(string queue, string after, int most, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {queue} and RowKey gt {after}");
        List<TableEntity> rows = [];
        string? next = null;
        do
        {
            (var page, next) = await dead.PageAsync(filter, most - rows.Count, next, select: null, cancellation).ConfigureAwait(false);
            rows.AddRange(page.Where(row => !Rows.IsNewer(row)));
        }
        while (next is not null && rows.Count < most);
        return rows;
    }

    private static DeadLetter Read(TableEntity row) =>
        new(row.RowKey, row.PartitionKey, row.GetDateTimeOffset("at") ?? default, row.GetText("reason") ?? "", row.GetText("text") ?? "", row.ETag);

    // What KeepAsync makes: inverted milliseconds and an id of Chance.
    [GeneratedRegex("^[0-9]{13}-[0-9a-f]{32}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdForm();
}

/// <summary>A message that could not be read, kept.</summary>
/// <param name="Id">Its id; also the key of its row. Newer ones sort first.</param>
/// <param name="Queue">Short name of the queue that it was sent to.</param>
/// <param name="At">When it was kept.</param>
/// <param name="Reason">Why it could not be handled.</param>
/// <param name="Text">Its text as it was.</param>
/// <param name="ETag">Version of its row.</param>
public sealed record DeadLetter(string Id, string Queue, DateTimeOffset At, string Reason, string Text, ETag ETag);

namespace Azure.Data.Tables.Wire;

/// <summary>The rules of a transaction: at most 100 changes, of one partition, each entity once, each within its own limits.</summary>
internal static class Transaction
{
    /// <summary>The changes, ready to be sent.</summary>
    /// <exception cref="TableTransactionFailedException">The service would refuse one of them; nothing was sent.</exception>
    internal static List<EntityRequest> Of(string table, IEnumerable<TableTransactionAction> actions)
    {
        ArgumentNullException.ThrowIfNull(actions, "transactionActions");
        List<TableTransactionAction> all = [.. actions];
        if (all.Count == 0)
        {
            throw new InvalidOperationException("The transaction holds no change. Do not submit an empty one.");
        }

        if (all.Count > Limits.Changes)
        {
            // The service stops reading at the change that is one too many and names the last it read.
            throw new Refusal(400, "InvalidInput", $"The transaction has {all.Count} changes; the service takes {Limits.Changes}. Make several of it.").ToException(Limits.Changes - 1);
        }

        var rows = new HashSet<string>(StringComparer.Ordinal);
        var changes = new List<EntityRequest>(all.Count);
        foreach (var action in all)
        {
            var (change, refusal) = EntityRequest.Of(action.ActionType, table, action.Entity, action.ETag);
            changes.Add(change ?? throw refusal!.ToException(changes.Count));
            if (action.Entity.PartitionKey != all[0].Entity.PartitionKey)
            {
                throw new Refusal(
                    400, "CommandsInBatchActOnDifferentPartitions", $"A transaction acts on one partition: '{all[0].Entity.PartitionKey}', not '{action.Entity.PartitionKey}'.")
                    .ToException(changes.Count - 1);
            }

            if (!rows.Add(action.Entity.RowKey))
            {
                throw new Refusal(400, "InvalidDuplicateRow", $"A transaction names an entity once; '{action.Entity.RowKey}' is there twice.").ToException(changes.Count - 1);
            }
        }

        return changes;
    }
}

using Azure.Data.Tables;

namespace Pushcart.Storage;

/// <summary>
/// A row that a later version of Pushcart wrote, met in the middle of an upgrade. This version leaves it alone: what handles a message sends it again, delayed.
/// </summary>
public sealed class NewerRowException(TableEntity row) : Exception($"{row.RowKey} was written by a later version of Pushcart");

using Azure;
using Azure.Data.Tables;

namespace Pushcart.Storage;

/// <summary>One row's part in a transaction. Every change names the ETag it saw, every new row is an insert: there is no upsert and no <c>*</c>.</summary>
public sealed record Change
{
    private Change(TableTransactionActionType type, TableEntity row, ETag etag) => (Type, Row, ETag) = (type, row, etag);

    /// <summary>Add, replace or delete.</summary>
    public TableTransactionActionType Type { get; }

    /// <summary>The row.</summary>
    public TableEntity Row { get; }

    /// <summary>The version that was seen; none for an insert.</summary>
    public ETag ETag { get; }

    /// <summary>A row that must not be there yet.</summary>
    public static Change Insert(TableEntity row) => new(TableTransactionActionType.Add, row, default);

    /// <summary>The whole row anew, where it is still as it was seen.</summary>
    public static Change Replace(TableEntity row, ETag seen) => new(TableTransactionActionType.UpdateReplace, row, Named(seen));

    /// <summary>Some properties of the row, where it is still as it was seen.</summary>
    public static Change Merge(TableEntity row, ETag seen) => new(TableTransactionActionType.UpdateMerge, row, Named(seen));

    /// <summary>The row goes, where it is still as it was seen.</summary>
    public static Change Delete(string partition, string key, ETag seen) => new(TableTransactionActionType.Delete, new TableEntity(partition, key), Named(seen));

    private static ETag Named(ETag seen) => seen == default || seen == ETag.All
        ? throw new ArgumentException("a change names the version that it saw", nameof(seen))
        : seen;
}

/// <summary>How a transaction ended.</summary>
/// <param name="Applied">True where all of it is written.</param>
/// <param name="ETags">The rows' new versions, in order (default for deletes); empty where it is not written.</param>
/// <param name="ConflictAt">Where it is not written: the index of the change that met another state; −1 where that is not known.</param>
/// <param name="Status">Where it is not written: 409 (it is there), 412 (it has changed) or 404 (it is gone).</param>
public sealed record WriteAnswer(bool Applied, IReadOnlyList<ETag> ETags, int ConflictAt = -1, int Status = 0);

namespace Azure.Data.Tables;

/// <summary>One change of a transaction.</summary>
public class TableTransactionAction
{
    /// <summary>A change that matches any version.</summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity) : this(actionType, entity, default)
    {
    }

    /// <summary>A change. Only updates and deletes look at <paramref name="etag"/>; an update without one inserts what is not there.</summary>
    public TableTransactionAction(TableTransactionActionType actionType, ITableEntity entity, ETag etag = default) =>
        (ActionType, Entity, ETag) = (actionType, entity, etag);

    /// <summary>What is done.</summary>
    public TableTransactionActionType ActionType { get; }

    /// <summary>The entity; of a delete only its keys matter.</summary>
    public ITableEntity Entity { get; }

    /// <summary>The version that must be there.</summary>
    public ETag ETag { get; }
}

/// <summary>The changes that a transaction can hold.</summary>
public enum TableTransactionActionType
{
    /// <summary>Insert; it fails where the entity exists.</summary>
    Add = 0,

    /// <summary>Update, keeping properties that are not written.</summary>
    UpdateMerge = 1,

    /// <summary>Update, removing properties that are not written.</summary>
    UpdateReplace = 2,

    /// <summary>Delete; it fails where the entity does not exist.</summary>
    Delete = 3,

    /// <summary>Insert, or update keeping properties that are not written.</summary>
    UpsertMerge = 4,

    /// <summary>Insert, or replace.</summary>
    UpsertReplace = 5,
}

namespace Azure.Data.Tables;

/// <summary>What an update does with properties that are not written.</summary>
public enum TableUpdateMode
{
    /// <summary>They stay as they are.</summary>
    Merge = 0,

    /// <summary>They are removed.</summary>
    Replace = 1,
}

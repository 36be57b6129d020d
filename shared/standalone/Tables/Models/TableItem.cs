namespace Azure.Data.Tables.Models;

/// <summary>A table, as it is listed.</summary>
public class TableItem
{
    /// <summary>A table of this name.</summary>
    public TableItem(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }
}

// The package says nothing about null here, so neither does this part: dictionaries with and without nulls are taken alike.
#nullable disable

using System.Collections;

namespace Azure.Data.Tables;

public sealed partial class TableEntity : IDictionary<string, object>
{
    /// <summary>An entity with a copy of <paramref name="values"/>.</summary>
    public TableEntity(IDictionary<string, object> values) => properties = values is null ? [] : new Dictionary<string, object>(values);

    /// <summary>The property <paramref name="key"/>; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">A value of another type is there already.</exception>
    public object this[string key]
    {
        get => Find(key);
        set => Set(key, value);
    }

    /// <summary>Names of all properties, the keys and the system's own included.</summary>
    public ICollection<string> Keys => properties.Keys;

    /// <summary>How many properties there are.</summary>
    public int Count => properties.Count;

    ICollection<object> IDictionary<string, object>.Values => properties.Values;

    bool ICollection<KeyValuePair<string, object>>.IsReadOnly => false;

    private ICollection<KeyValuePair<string, object>> Pairs => properties;

    /// <summary>Sets a property, as the indexer does.</summary>
    public void Add(string key, object value) => Set(key, value);

    /// <summary>Removes all properties.</summary>
    public void Clear() => properties.Clear();

    /// <summary>True where there is such a property.</summary>
    public bool ContainsKey(string key) => properties.ContainsKey(key);

    /// <summary>Removes a property; false where there was none.</summary>
    public bool Remove(string key) => properties.Remove(key);

    /// <summary>The property <paramref name="key"/>, if there is one.</summary>
    public bool TryGetValue(string key, out object value) => properties.TryGetValue(key, out value);

    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Set(item.Key, item.Value);

    bool ICollection<KeyValuePair<string, object>>.Contains(KeyValuePair<string, object> item) => Pairs.Contains(item);

    void ICollection<KeyValuePair<string, object>>.CopyTo(KeyValuePair<string, object>[] array, int arrayIndex) => Pairs.CopyTo(array, arrayIndex);

    bool ICollection<KeyValuePair<string, object>>.Remove(KeyValuePair<string, object> item) => Pairs.Remove(item);

    IEnumerator<KeyValuePair<string, object>> IEnumerable<KeyValuePair<string, object>>.GetEnumerator() => properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => properties.GetEnumerator();
}

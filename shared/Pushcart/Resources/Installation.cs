using Pushcart.Resources.Stored;
using Pushcart.Storage;

namespace Pushcart.Resources;

/// <summary>This installation's id: drawn at the first start, a label of everything it creates.</summary>
public sealed class Installation
{
    private const string Key = "installation";
    private readonly Table? _resources;
    private readonly Chance? _chance;
    private volatile string? _id;

    /// <summary>The installation of a storage.</summary>
    /// <param name="resources">The table that has its row.</param>
    /// <param name="chance">Draws the id.</param>
    public Installation(Table resources, Chance chance) => (_resources, _chance) = (resources, chance);

    /// <summary>An installation whose storage is elsewhere, and whose id its server has told.</summary>
    /// <param name="id">The id.</param>
    public Installation(string id) => _id = id;

    /// <summary>The id. Two hosts that start at once agree on one: the row is inserted, never replaced.</summary>
    public async Task<string> IdAsync(CancellationToken cancellation)
    {
        while (_id is null)
        {
            var row = await _resources!.FindAsync(ResourceStore.Partition, Key, cancellation).ConfigureAwait(false);
            if (row is not null)
            {
                _id = row.GetRequired("id");
                break;
            }

            row = Rows.New(ResourceStore.Partition, Key);
            row["id"] = _chance!.NewId();
            await _resources!.WriteAsync([Change.Insert(row)], cancellation).ConfigureAwait(false);
        }

        return _id;
    }
}

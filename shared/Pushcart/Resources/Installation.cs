using Pushcart.Storage;

namespace Pushcart.Resources;

/// <summary>This installation's id: drawn at the first start, a label of everything it creates.</summary>
public sealed class Installation(Table resources, Chance chance)
{
    private const string Key = "installation";
    private volatile string? _id;

    /// <summary>The id. Two hosts that start at once agree on one: the row is inserted, never replaced.</summary>
    public async Task<string> IdAsync(CancellationToken cancellation)
    {
        while (_id is null)
        {
            var row = await resources.FindAsync(ResourceStore.Partition, Key, cancellation).ConfigureAwait(false);
            if (row is not null)
            {
                _id = row.GetRequired("id");
                break;
            }

            row = Rows.New(ResourceStore.Partition, Key);
            row["id"] = chance.NewId();
            await resources.WriteAsync([Change.Insert(row)], cancellation).ConfigureAwait(false);
        }

        return _id;
    }
}

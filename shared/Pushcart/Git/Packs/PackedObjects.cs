using System.Security.Cryptography;
using System.Text;

namespace Pushcart.Git.Packs;

/// <summary>The kinds of object in a pack, by their numbers there.</summary>
internal enum PackedKind
{
    /// <summary>A commit.</summary>
    Commit = 1,

    /// <summary>A tree.</summary>
    Tree = 2,

    /// <summary>A blob.</summary>
    Blob = 3,

    /// <summary>An annotated tag.</summary>
    Tag = 4,

    /// <summary>A delta that says how far before it the object stands that it builds on.</summary>
    OffsetDelta = 6,

    /// <summary>A delta that names the object that it builds on.</summary>
    ReferenceDelta = 7,
}

/// <summary>
/// The commits and trees of a pack, by id. Deltas among them are resolved as soon as what they build on is there; one that builds on a blob
/// never is. The ids are computed, so that what is found by one is what the server's own objects name.
/// </summary>
internal sealed class PackedObjects(HashAlgorithmName algorithm, GitLimits limits)
{
    private readonly Dictionary<string, PackedObject> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<long, PackedObject?> _byOffset = [];
    private readonly Dictionary<long, List<Waiting>> _waitingForOffset = [];
    private readonly Dictionary<string, List<Waiting>> _waitingForId = new(StringComparer.Ordinal);
    private long _kept;

    /// <summary>The object's bytes, or null where the pack has none of this id and kind.</summary>
    public byte[]? Find(string id, PackedKind kind) => _byId.TryGetValue(id, out var found) && found.Kind == kind ? found.Data : null;

    /// <summary>Counts bytes that are about to be kept.</summary>
    public void Count(long bytes)
    {
        _kept += bytes;
        if (_kept > limits.KeptBytes)
        {
            throw GitException.TooLarge($"the folders of the commit have more than {limits.KeptBytes:N0} bytes");
        }
    }

    /// <summary>Notes an object that is not kept.</summary>
    public void Skip(long offset) => _byOffset[offset] = null;

    /// <summary>True where the object at this place is not kept.</summary>
    public bool IsSkipped(long offset) => _byOffset.TryGetValue(offset, out var found) && found is null;

    /// <summary>Adds a delta that builds on the object at an earlier place.</summary>
    public void AddDelta(long offset, long baseOffset, byte[] delta)
    {
        var waiting = new Waiting(offset, delta);
        if (_byOffset.TryGetValue(baseOffset, out var found) && found is not null)
        {
            Add(offset, found.Kind, Apply(found, waiting));
        }
        else if (_waitingForOffset.TryGetValue(baseOffset, out var list))
        {
            list.Add(waiting);
            _waitingForOffset.TryAdd(offset, []);
        }
        else
        {
            throw GitException.Malformed("a delta builds on no object of the pack");
        }
    }

    /// <summary>Adds a delta that builds on an object that it names, which may come later.</summary>
    public void AddDelta(long offset, string baseId, byte[] delta)
    {
        var waiting = new Waiting(offset, delta);
        if (_byId.TryGetValue(baseId, out var found))
        {
            Add(offset, found.Kind, Apply(found, waiting));
            return;
        }

        if (!_waitingForId.TryGetValue(baseId, out var list))
        {
            _waitingForId[baseId] = list = [];
        }

        list.Add(waiting);
        _waitingForOffset.TryAdd(offset, []);
    }

    /// <summary>Adds an object, and all that waited for it: one after another, for a chain of deltas may be as long as the pack.</summary>
    public void Add(long offset, PackedKind kind, byte[] data)
    {
        var pending = new Stack<(long Offset, byte[] Data)>([(offset, data)]);
        while (pending.TryPop(out var next))
        {
            var id = IdOf(kind, next.Data);
            var added = new PackedObject(kind, next.Data);
            _byId[id] = added;
            _byOffset[next.Offset] = added;
            _waitingForOffset.Remove(next.Offset, out var byOffset);
            _waitingForId.Remove(id, out var byId);
            foreach (var waiting in (byOffset ?? []).Concat(byId ?? []))
            {
                pending.Push((waiting.Offset, Apply(added, waiting)));
            }
        }
    }

    private byte[] Apply(PackedObject source, Waiting waiting)
    {
        Count(Delta.ResultSize(waiting.Delta));
        return Delta.Apply(source.Data, waiting.Delta, limits.ObjectBytes);
    }

    private string IdOf(PackedKind kind, byte[] data)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        hash.AppendData(Encoding.ASCII.GetBytes($"{(kind == PackedKind.Commit ? "commit" : "tree")} {data.Length}\0"));
        hash.AppendData(data);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record PackedObject(PackedKind Kind, byte[] Data);

    private sealed record Waiting(long Offset, byte[] Delta);
}

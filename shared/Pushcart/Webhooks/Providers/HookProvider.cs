using System.Text.Json;

namespace Pushcart.Webhooks.Providers;

/// <summary>A reference that was pushed.</summary>
/// <param name="Name">Its full name: <c>refs/heads/main</c>.</param>
/// <param name="Commit">The commit that it has now, where the event tells; null otherwise.</param>
/// <param name="IsDeleted">True where it is gone.</param>
internal sealed record PushedReference(string Name, string? Commit, bool IsDeleted);

/// <summary>What is particular to a provider: where its events tell what, and how they prove where they come from. One file each; the way of an event is <see cref="ProviderHooks"/>.</summary>
internal abstract class HookProvider
{
    private const string Branches = "refs/heads/";

    /// <summary>Its name in the address: <c>hooks/github</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Its name in the configuration: <c>Webhooks:GitHub:Secrets</c>.</summary>
    public abstract string Section { get; }

    /// <summary>Paths of the repository's addresses in the payload. All of them count.</summary>
    public abstract IReadOnlyCollection<string> Addresses { get; }

    /// <summary>The events of a push.</summary>
    public abstract IReadOnlyCollection<string> Pushes { get; }

    /// <summary>The event that only asks whether anybody is there; null: the provider has none.</summary>
    public virtual string? Ping => null;

    /// <summary>What is missing where <see cref="ProofOf"/> finds nothing: the name of a header.</summary>
    public abstract string ProofHeader(HookRequest request);

    /// <summary>What the request shows as proof; null where that is missing, or has not the right form.</summary>
    public abstract Proof? ProofOf(HookRequest request);

    /// <summary>What may be signed: the raw body.</summary>
    public virtual IReadOnlyList<ReadOnlyMemory<byte>> Signed(Payload payload) => [payload.Raw];

    /// <summary>The event's name; null where it is missing.</summary>
    public abstract string? EventOf(HookRequest request, Payload payload);

    /// <summary>What is the same each time that the event is delivered; null where it is missing.</summary>
    public abstract string? DeliveryOf(HookRequest request, Payload payload);

    /// <summary>The references of a push.</summary>
    public abstract IReadOnlyList<PushedReference> ReferencesOf(JsonElement push);

    /// <summary>True where the request is another provider's event, though it has this one's headers too.</summary>
    public virtual bool Takes(HookRequest request) => false;

    /// <summary>A reference by the commit that it has, of which zeros mean none.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="after">The object's id, or null. Of a tag it may be the tag's own and not the commit's, so it announces none.</param>
    /// <param name="isDeleted">Whether it is gone, where the event tells by itself.</param>
    protected static PushedReference Reference(string name, string? after, bool isDeleted = false)
    {
        var id = after is { Length: 40 or 64 } && after.All(char.IsAsciiHexDigit) ? after.ToLowerInvariant() : null;
        isDeleted |= id is not null && id.All(c => c == '0');
        return new(name, isDeleted || !name.StartsWith(Branches, StringComparison.Ordinal) ? null : id, isDeleted);
    }

    /// <summary>The text of a property that every push has.</summary>
    /// <exception cref="KeyNotFoundException">It is missing: the payload has another form.</exception>
    protected static string Required(JsonElement json, string name) => Text(json, name) ?? throw new KeyNotFoundException($"there is no text '{name}'");

    /// <summary>The text of a property; null where it is missing, or null.</summary>
    protected static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

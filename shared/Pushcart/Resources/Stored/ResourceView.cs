using System.Text.Json.Nodes;

namespace Pushcart.Resources.Stored;

/// <summary>A resource as lists of the API show it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace; null for cluster kinds.</param>
/// <param name="Name">Its name.</param>
public record ResourceRef(string Kind, string? Namespace, string Name)
{
    /// <summary>Why this version cannot use it; null where it can.</summary>
    public string? Error { get; init; }

    /// <summary>The reference of a resource.</summary>
    public static ResourceRef Of(Resource resource) => new(resource.Name.Kind.ToString(), resource.Name.Namespace, resource.Name.Name) { Error = resource.Error };
}

/// <summary>A resource as the API shows it: its manifest, which apply takes again, and what is known beside it.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Uid">Drawn when it was created.</param>
/// <param name="Generation">The installation's generation that wrote it last.</param>
/// <param name="UsedBy">Who names it.</param>
/// <param name="Error">Why this version cannot use it; null where it can.</param>
public sealed record ResourceView(JsonObject Manifest, string Uid, long Generation, IReadOnlyList<string> UsedBy, string? Error);

namespace Pushcart.Resources.Manifests;

/// <summary>What a file of manifests says. It may be applied only when <see cref="Errors"/> is empty.</summary>
/// <param name="Manifests">The resources without a fault, in the order of the file.</param>
/// <param name="Errors">All faults of the file, in its order.</param>
public sealed record ManifestSet(IReadOnlyList<Manifest> Manifests, IReadOnlyList<ManifestError> Errors);

/// <summary>One valid resource of a file.</summary>
/// <param name="Name">Names it.</param>
/// <param name="Spec">What it asks for.</param>
/// <param name="Json">The spec as compact JSON in its normal form: two manifests that ask for the same have the same text. It is what storage keeps.</param>
/// <param name="Where">Where it stands, for messages: <c>app.yaml, document 2</c>.</param>
public sealed record Manifest(ResourceName Name, Spec Spec, string Json, string Where);

/// <summary>One fault of a file.</summary>
/// <param name="File">Name of the file, as it was given.</param>
/// <param name="Document">The document in it, counted from 1; 0 where the file as a whole is at fault.</param>
/// <param name="Path">Path of the field (<c>spec.sources.names[0]</c>); empty where the document as a whole is at fault.</param>
/// <param name="Message">What is wrong, and what to do. Never a secret.</param>
public sealed record ManifestError(string File, int Document, string Path, string Message)
{
    /// <summary><c>app.yaml, document 2: spec.repoUri: is required</c>.</summary>
    public override string ToString() =>
        (Document == 0 ? File : $"{File}, document {Document}") + (Path.Length == 0 ? "" : ": " + Path) + ": " + Message;
}

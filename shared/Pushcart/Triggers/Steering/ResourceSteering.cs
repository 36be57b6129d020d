using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;

namespace Pushcart.Triggers.Steering;

/// <summary>What an apply did, as the API shows it.</summary>
/// <param name="DryRun">True where it is only what it would do.</param>
/// <param name="Created">New resources.</param>
/// <param name="Changed">Resources that were changed.</param>
/// <param name="Unchanged">Resources that were as the manifests say.</param>
/// <param name="Notes">What a person should know although nothing is wrong.</param>
public sealed record AppliedView(bool DryRun, IReadOnlyList<ResourceRef> Created, IReadOnlyList<ResourceRef> Changed, IReadOnlyList<ResourceRef> Unchanged, IReadOnlyList<string> Notes);

/// <summary>What people do with resources: apply manifests, delete one.</summary>
public sealed class ResourceSteering(Applying applying, ResourceStore resources, TimeProvider time)
{
    private const string Sent = "the request";

    /// <summary>Applies the manifests of a request: all or nothing.</summary>
    /// <param name="body">YAML or JSON, of several documents.</param>
    /// <param name="length">Bytes of the body, as its sender says.</param>
    /// <param name="dryRun"><c>true</c> where nothing is written; <c>false</c>, empty or null otherwise.</param>
    /// <param name="where">Where the caller may act.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    public async Task<Answer<AppliedView>> ApplyAsync(Stream body, long? length, string? dryRun, AllowedNamespaces where, CancellationToken cancellation)
    {
        if (QueryFlag.Read("dryRun", dryRun, out var isDry) is { } wrong)
        {
            return wrong;
        }

        var text = await BodyText.ReadAsync(body, length, ManifestLimits.RequestBytes, cancellation).ConfigureAwait(false);
        if (text.Refusal is { } refusal)
        {
            return refusal;
        }

        var set = ManifestReader.Read(text.Value!, Sent, time.GetUtcNow(), ManifestLimits.RequestBytes);
        if (set.Errors.Count > 0)
        {
            return Invalid(set.Errors.Select(e => new RefusedPart(e.Document == 0 ? null : e.Document, e.Path.Length == 0 ? null : e.Path, e.Message)));
        }

        if (set.Manifests.Count == 0)
        {
            return Invalid([new(null, null, "there is no manifest in the request")]);
        }

        if (set.Manifests.Where(m => !where.Has(m.Name.Namespace)).Select(m => m.Name.ToString()).ToList() is { Count: > 0 } elsewhere)
        {
            return new Refusal(RefusalCodes.Elsewhere, $"for this token there is no such place; it is for the namespaces {string.Join(", ", where.Names)} only: {string.Join(", ", elsewhere)}");
        }

        var result = await applying.ApplyAsync([.. set.Manifests.OrderBy(m => m.Spec is TriggerSpec)], prune: false, isDry, cancellation).ConfigureAwait(false);
        return RefusalOf(result) is { } refused
            ? refused
            : new AppliedView(isDry, Refs(result.Created), Refs(result.Changed), Refs(result.Unchanged), result.Notes);
    }

    /// <summary>Deletes a resource.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; null for cluster kinds.</param>
    /// <param name="of">Its name.</param>
    /// <param name="force"><c>true</c> where it goes although others name it; <c>false</c>, empty or null otherwise.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    /// <returns>What went, or why it stays.</returns>
    public async Task<Answer<ResourceRef>> DeleteAsync(string kind, string? ns, string of, string? force, CancellationToken cancellation)
    {
        var name = ResourceQueries.NameOf(kind, ns, of);
        if ((QueryFlag.Read("force", force, out var isForced) ?? name.Refusal) is { } wrong)
        {
            return wrong;
        }

        var result = await resources.DeleteAsync(name.Value!, isForced, cancellation).ConfigureAwait(false);
        return RefusalOf(result) is { } refused ? refused : ResourceRef.Of(result.Deleted[0]);
    }

    /// <summary>Why nothing was done; null where something was.</summary>
    internal static Refusal? RefusalOf(ApplyResult result) => result.Failure switch
    {
        ApplyFailure.None => null,
        ApplyFailure.TooManyChanges => new(RefusalCodes.TooManyChanges, result.Errors[0]),
        ApplyFailure.TooLarge => new(RefusalCodes.ChangesTooLarge, result.Errors[0]),
        ApplyFailure.Busy => new(RefusalCodes.Busy, result.Errors[0]),
        ApplyFailure.NotFound => new(RefusalCodes.ResourceNotFound, result.Errors[0]),
        ApplyFailure.InUse => new(RefusalCodes.ResourceInUse, $"{result.Errors[0]}; change these first, or delete it with force=true") { UsedBy = [.. result.UsedBy.Select(n => n.ToString())] },
        _ => Invalid(result.Errors.Select(e => new RefusedPart(null, null, e))),
    };

    private static Refusal Invalid(IEnumerable<RefusedPart> parts)
    {
        var errors = parts.ToList();
        return new(RefusalCodes.ManifestsInvalid, errors is [var one] ? Sentence(one) : $"{Sentence(errors[0])}; and {errors.Count - 1} more: see 'errors'") { Errors = errors };
    }

    private static string Sentence(RefusedPart part) => (part.Document is { } n ? $"document {n}: " : "") + (part.Path is { } path ? $"{path}: " : "") + part.Message;

    private static IReadOnlyList<ResourceRef> Refs(IEnumerable<Resource> resources) => [.. resources.Select(ResourceRef.Of)];
}

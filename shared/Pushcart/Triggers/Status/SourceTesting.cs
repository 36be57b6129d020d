using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Resources.Stored;

namespace Pushcart.Triggers.Status;

/// <summary>
/// Looks at a source once, as a check would, and tells each step and its outcome. Nothing is written, and nothing follows from it.
/// <list type="number">
/// <item>Read its credentials and certificates.</item>
/// <item>Ask the remote for the references that triggers watch; for branch main where none does.</item>
/// <item>For each trigger with patterns of files, read the files of its commit and count those that match.</item>
/// </list>
/// </summary>
public sealed class SourceTesting(ResourceStore resources, SourceEndpoints endpoints, GitClient git)
{
    private static readonly GitReference DefaultReference = new(ReferenceType.Branch, "main");

    /// <summary>Tests a source.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="cancellation">Ends the test.</param>
    /// <returns>What was found; null where there is no such source.</returns>
    public async Task<SourceTest?> TestAsync(ResourceName source, CancellationToken cancellation)
    {
        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        if (catalog.Find(source) is not { } resource)
        {
            return null;
        }

        var steps = new List<SourceTestStep>();
        await StepsAsync(resource, catalog, steps, cancellation).ConfigureAwait(false);
        return new(source.ToString(), steps.TrueForAll(s => s.Ok), steps);
    }

    private async Task StepsAsync(Resource source, Catalog catalog, List<SourceTestStep> steps, CancellationToken cancellation)
    {
        if (source.Spec is not GitRepoSpec spec)
        {
            steps.Add(new("configuration", false, source.Error ?? "it is no repository"));
            return;
        }

        var watching = catalog.Triggers
            .Where(t => t.Spec is TriggerSpec watch && watch.Sources.Names.Any(name => Catalog.SourceName(watch.Sources.Kind, t.Name.Namespace!, name) == source.Name))
            .OrderBy(t => t.Name.ToString(), StringComparer.Ordinal)
            .ToList();

        // 1. Credentials. A repository of the cluster may take them from each trigger's namespace: the first one stands for all.
        var ns = source.Name.Namespace ?? watching.FirstOrDefault()?.Name.Namespace ?? "default";
        var (endpoint, error) = await endpoints.ResolveAsync(ns, source.Name, spec, cancellation).ConfigureAwait(false);
        steps.Add(new("credentials", endpoint is not null, error ?? (spec.Auth is null ? "none are needed" : $"read from the secret {source.Name.Namespace ?? spec.Auth.SecretNamespace ?? ns}/{spec.Auth.SecretName}")));
        if (endpoint is null)
        {
            return;
        }

        // 2. References.
        var references = watching.Select(t => ((TriggerSpec)t.Spec!).Sources.Reference).Distinct().DefaultIfEmpty(DefaultReference).ToList();
        var names = references.Select(r => r.FullName).OfType<string>().DefaultIfEmpty(DefaultReference.FullName!).ToList();
        var answer = await git.ListRefsAsync(endpoint, names, null, cancellation).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            steps.Add(new("remote", false, failure.Message));
            return;
        }

        var refs = answer.Value!;
        steps.Add(new("remote", true, $"answers, by version {refs.Dialect.Protocol} of the protocol, object ids of {refs.Dialect.ObjectFormat}"));
        foreach (var reference in references)
        {
            var commit = reference.FullName is { } name ? refs.Commits.GetValueOrDefault(name) : reference.Name;
            steps.Add(new(reference.ToString(), commit is not null, commit is null ? $"there is no {reference}" : reference.FullName is null ? "a commit is taken as it is" : $"is at {commit}"));
        }

        // 3. Files.
        foreach (var trigger in watching)
        {
            var watch = ((TriggerSpec)trigger.Spec!).Sources;
            if (watch.Files.Count > 0 && (watch.Reference.FullName is { } full ? refs.Commits.GetValueOrDefault(full) : watch.Reference.Name) is { } commit)
            {
                var files = await git.ListFilesAsync(endpoint, commit, watch.Reference.FullName, refs.Dialect, cancellation).ConfigureAwait(false);
                var patterns = new WatchedFiles(watch.Files);
                steps.Add(files.Failure is { } wrong
                    ? new($"files of {trigger.Name}", false, wrong.Message)
                    : new($"files of {trigger.Name}", true, $"{files.Value!.Files.Count(f => patterns.Matches(f.Path))} of {files.Value.Files.Count} are watched"));
            }
        }
    }
}

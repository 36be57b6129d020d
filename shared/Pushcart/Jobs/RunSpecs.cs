using System.Globalization;
using Pushcart.Execution;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Jobs;

/// <summary>Builds what an executor needs from a job and its snapshots.</summary>
public sealed class RunSpecs(SourceEndpoints endpoints, Installation installation, JobSettings settings)
{
    /// <summary>The spec of a claimed job's run.</summary>
    /// <returns>The spec, or why there can be none: a secret is missing, say.</returns>
    public async Task<(RunSpec? Spec, string? Error)> BuildAsync(Job job, CancellationToken cancellation)
    {
        var snapshots = job.Snapshots ?? throw new ArgumentException("the job was read without its snapshots", nameof(job));
        var action = (ActionSpec)SpecReader.FromJson(job.ActionKind, snapshots.Action);
        var defaults = (SettingsSpec)SpecReader.FromJson(ResourceKind.Settings, snapshots.Defaults);
        var (kind, name, reference) = action.Override is { } other
            ? (other.Kind, other.Name, other.Reference)
            : (job.SourceKind, job.SourceName, new GitReference(job.ReferenceType, job.ReferenceName));
        var source = (GitRepoSpec)SpecReader.FromJson(kind, snapshots.Override ?? snapshots.Source);
        var sourceName = new ResourceName(kind, kind == ResourceKind.GitRepo ? job.Namespace : null, name);
        var (endpoint, error) = await endpoints.ResolveAsync(job.Namespace, sourceName, source, cancellation).ConfigureAwait(false);
        if (endpoint is null)
        {
            return (null, error);
        }

        return (new RunSpec
        {
            Key = RunNames.Of(job),
            Installation = await installation.IdAsync(cancellation).ConfigureAwait(false),
            ClaimKey = job.ClaimKey ?? throw new ArgumentException("the job is not claimed", nameof(job)),
            CreateBefore = job.ClaimedAt!.Value + settings.CreateWithin,
            Checkout = new()
            {
                Endpoint = endpoint,
                Commit = snapshots.OverrideCommit ?? job.Commit,
                Reference = reference.FullName,
                PreserveGitFolder = action.Job.PreserveGitFolder,
                Debug = action.Job.EnableClonerDebug,
                Depth = action.Job.Checkout.Depth,
                Submodules = action.Job.Checkout.Submodules,
            },
            Command = action.Job.Command,
            Args = action.Job.Args,
            Environment = Variables(job, action, defaults),
            WorkdirVariable = defaults.VariablesPrefix + "WORKDIR",
            Workdir = action.Job.Workdir ?? defaults.Workdir,
            Image = action.Job.ActionImage ?? defaults.ActionImage,
            ClonerImage = action.Job.ClonerImage ?? defaults.ClonerImage,
            ServiceAccount = action.Job.ServiceAccount ?? defaults.ServiceAccount,
            NodeSelector = action.Job.NodeSelector,
            Affinity = action.Job.Affinity,
            Tolerations = action.Job.Tolerations,
            PodTemplate = action.Job.PodTemplate,
            PodSecurityContext = defaults.PodSecurityContext,
            SecurityContext = defaults.SecurityContext,
            Resources = defaults.Resources,
            Deadline = job.Deadline,
            Ttl = JobSettings.UnrecordedTtl,
            Labels = Labels(job, action),
            Annotations = action.Job.Annotations,
        }, null);
    }

    private static Dictionary<string, string> Variables(Job job, ActionSpec action, SettingsSpec defaults)
    {
        // The job's own first: Pushcart's stand over them.
        var variables = new Dictionary<string, string>(JobBody.VariablesOf(job.Variables));
        void Set(string name, string? value)
        {
            if (value is not null)
            {
                variables[defaults.VariablesPrefix + name] = value;
            }
        }

        if (job.TraceParent is { } trace)
        {
            // By the name that OpenTelemetry gives it, so that the work's own spans join the trace.
            variables["TRACEPARENT"] = trace;
        }

        Set("WORKDIR", action.Job.Workdir ?? defaults.Workdir);
        Set("JOB_ID", job.Id);
        Set("JOB_RUN", job.Run.ToString(CultureInfo.InvariantCulture));
        Set("TRIGGER_KIND", job.TriggerKind?.ToString());
        Set("TRIGGER_NAME", job.TriggerName);
        Set("TRIGGER_SOURCE_KIND", job.SourceKind.ToString());
        Set("TRIGGER_SOURCE_NAME", job.SourceName);
        Set("TRIGGER_SOURCE_NAMESPACE", job.SourceKind == ResourceKind.GitRepo ? job.Namespace : null);
        Set("TRIGGER_SOURCE_COMMIT", job.Commit);
        Set("TRIGGER_SOURCE_REF_TYPE", Word(job.ReferenceType));
        Set("TRIGGER_SOURCE_REF_NAME", job.ReferenceName);
        if (action.Override is { } other)
        {
            Set("ACTION_SOURCE_KIND", other.Kind.ToString());
            Set("ACTION_SOURCE_NAME", other.Name);
            Set("ACTION_SOURCE_NAMESPACE", other.Kind == ResourceKind.GitRepo ? job.Namespace : null);
            Set("ACTION_SOURCE_REF_TYPE", Word(other.Reference.Type));
            Set("ACTION_SOURCE_REF_NAME", other.Reference.Name);
        }

        return variables;
    }

    private static Dictionary<string, string> Labels(Job job, ActionSpec action)
    {
        var labels = new Dictionary<string, string>(action.Job.Labels)
        {
            ["pushcart.dev/job-id"] = job.Id,
            ["pushcart.dev/run"] = job.Run.ToString(CultureInfo.InvariantCulture),
            ["pushcart.dev/action-kind"] = job.ActionKind.ToString(),
            ["pushcart.dev/action-name"] = Cut(job.ActionName),
            ["pushcart.dev/source-kind"] = job.SourceKind.ToString(),
            ["pushcart.dev/source-name"] = Cut(job.SourceName),
        };
        if (job is { TriggerKind: { } kind, TriggerName: { } name })
        {
            labels["pushcart.dev/trigger-kind"] = kind.ToString();
            labels["pushcart.dev/trigger-name"] = Cut(name);
        }

        return labels;
    }

    // A name may have 253 characters, a label's value 63, the last one a letter or digit.
    private static string Cut(string name) => name.Length <= RunNames.Longest ? name : name[..RunNames.Longest].TrimEnd('-', '.');

    private static string Word(ReferenceType type) => type.ToString().ToLowerInvariant();
}

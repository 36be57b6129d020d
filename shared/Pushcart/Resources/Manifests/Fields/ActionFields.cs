using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The spec of <c>Action</c> and <c>ClusterAction</c>, read and written. Defaults of the installation are not filled in: null stays null.</summary>
internal static class ActionFields
{
    private const int MostSlots = 100;
    private const int MostWorkerLabels = 16;

    public static ActionSpec Read(FieldReader reader, SpecContext context)
    {
        var job = reader.Object("actionJob");
        var spec = new ActionSpec { Job = job is null ? new ActionJobSpec() : Job(job), Override = Override(reader.Object("sourceOverride"), context) };
        reader.Close();
        return spec;
    }

    public static JsonObject Write(ActionSpec spec)
    {
        var job = spec.Job;
        return new JsonObject()
            .With("actionJob", new JsonObject()
                .With("command", SpecJson.Texts(job.Command))
                .With("args", SpecJson.Texts(job.Args))
                .With("actionImage", job.ActionImage)
                .With("clonerImage", job.ClonerImage)
                .With("serviceAccount", job.ServiceAccount)
                .With("workdir", job.Workdir)
                .With("enableClonerDebug", job.EnableClonerDebug)
                .With("preserveGitFolder", job.PreserveGitFolder)
                .With("activeDeadlineSeconds", job.ActiveDeadlineSeconds)
                .With("jobWaitingTimeoutSeconds", job.JobWaitingTimeoutSeconds)
                .With("ttlSecondsAfterFinished", job.TtlSecondsAfterFinished)
                .With("labels", SpecJson.TextMap(job.Labels))
                .With("annotations", SpecJson.TextMap(job.Annotations))
                .With("affinity", job.Affinity?.DeepClone())
                .With("nodeSelector", SpecJson.TextMap(job.NodeSelector))
                .With("tolerations", job.Tolerations?.DeepClone())
                .With("retries", SpecJson.Unless(job.Retries, 0))
                .With("onLost", SpecJson.Unless(Words.OnLost.Word(job.OnLost), "report"))
                .With("concurrency", job.Concurrency is not { } group ? null : new JsonObject()
                    .With("group", group.Group)
                    .With("limit", SpecJson.Unless(group.Limit, 1))
                    .With("cancelSuperseded", group.CancelSuperseded))
                .With("clone", new JsonObject().With("depth", SpecJson.Unless(job.Checkout.Depth, 1)).With("submodules", job.Checkout.Submodules))
                .With("podTemplate", job.PodTemplate?.DeepClone())
                .With("worker", job.Worker is not { } worker ? null : new JsonObject().With("name", worker.Name).With("labels", SpecJson.TextMap(worker.Labels))))
            .With("sourceOverride", spec.Override is not { } source ? null : new JsonObject()
                .With("kind", source.Kind.ToString())
                .With("name", source.Name)
                .With("reference", References.Write(source.Reference)));
    }

    private static ActionJobSpec Job(FieldReader reader)
    {
        var spec = new ActionJobSpec
        {
            // One text is accepted too, because git-events-runner's own samples are written so.
            Command = reader.TextOrTexts("command", Program),
            Args = reader.Texts("args"),
            ActionImage = reader.Text("actionImage", NameRules.Image),
            ClonerImage = reader.Text("clonerImage", NameRules.Image),
            ServiceAccount = reader.Text("serviceAccount", NameRules.Subdomain),
            Workdir = reader.Text("workdir", NameRules.Workdir),
            EnableClonerDebug = reader.Flag("enableClonerDebug", false),
            PreserveGitFolder = reader.Flag("preserveGitFolder", false),
            ActiveDeadlineSeconds = reader.Number("activeDeadlineSeconds", 1, int.MaxValue),
            JobWaitingTimeoutSeconds = reader.Number("jobWaitingTimeoutSeconds", 1, int.MaxValue),
            TtlSecondsAfterFinished = reader.Number("ttlSecondsAfterFinished", 0, int.MaxValue),
            Labels = reader.TextMap("labels", NameRules.ActionLabelKey, NameRules.LabelValue),
            Annotations = reader.TextMap("annotations", NameRules.QualifiedName),
            Affinity = reader.Raw("affinity"),
            NodeSelector = reader.TextMap("nodeSelector", NameRules.QualifiedName, NameRules.LabelValue),
            Tolerations = reader.RawObjects("tolerations"),
            Retries = reader.Number("retries", 0, 100) ?? 0,
            OnLost = reader.Choice("onLost", Words.OnLost) ?? OnLost.Report,
            Concurrency = Concurrency(reader.Object("concurrency")),
            Checkout = Checkout(reader.Object("clone")),
            PodTemplate = reader.Raw("podTemplate"),
            Worker = Worker(reader.Object("worker")),
        };
        foreach (var (path, message) in spec.PodTemplate is { } template ? PodTemplates.Check(template) : [])
        {
            reader.Fault("podTemplate", path, message);
        }

        reader.Close();
        return spec;
    }

    private static string? Program(string value) => value.Length == 0 ? "is empty; leave it out for the image's own entrypoint" : null;

    private static ConcurrencySpec? Concurrency(FieldReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var group = reader.Text("group", NameRules.Group);
        if (reader.Has("limit") && !reader.Has("group"))
        {
            reader.Fault("group", "is required where there is a limit: it names who shares it");
        }

        var spec = new ConcurrencySpec(group, reader.Number("limit", 1, MostSlots) ?? 1, reader.Flag("cancelSuperseded", false));
        reader.Close();
        return spec is { Group: null, CancelSuperseded: false } ? null : spec;
    }

    private static WorkerSelector? Worker(FieldReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var worker = new WorkerSelector(reader.Text("name", NameRules.Label), reader.TextMap("labels", NameRules.QualifiedName, NameRules.LabelValue));
        reader.Close();
        if (worker is { Name: null, Labels.Count: 0 })
        {
            reader.Fault("name", "is required where there are no labels: a worker is asked for by its name, by labels, or by both");
        }
        else if (worker.Labels.Count > MostWorkerLabels)
        {
            reader.Fault("labels", $"are {worker.Labels.Count}; at most {MostWorkerLabels} can be asked for");
        }

        return worker;
    }

    private static ActionCloneSpec Checkout(FieldReader? reader)
    {
        if (reader is null)
        {
            return new ActionCloneSpec();
        }

        var spec = new ActionCloneSpec(reader.Number("depth", 0, int.MaxValue) ?? 1, reader.Flag("submodules", false));
        reader.NotYet("lfs");
        reader.Close();
        return spec;
    }

    private static SourceOverride? Override(FieldReader? reader, SpecContext context)
    {
        if (reader is null)
        {
            return null;
        }

        ResourceKind kind;
        if (context.Kind == ResourceKind.ClusterAction && reader.Text("kind") == nameof(ResourceKind.GitRepo))
        {
            kind = ResourceKind.GitRepo;
            reader.Fault("kind", "a ClusterAction belongs to no namespace, so it may only name a ClusterGitRepo");
        }
        else
        {
            kind = reader.RequiredChoice("kind", context.Kind == ResourceKind.ClusterAction ? Words.ClusterSourceKinds : Words.SourceKinds);
        }

        var name = reader.RequiredText("name", NameRules.Subdomain);
        var reference = References.Read(reader.RequiredObject("reference"));
        reader.Close();
        return new SourceOverride(kind, name, reference ?? new GitReference(ReferenceType.Branch, ""));
    }
}

using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The spec of <c>Settings</c>, read and written.</summary>
internal static class SettingsFields
{
    private const int MostRunning = 1000;

    public static SettingsSpec Read(FieldReader reader)
    {
        var otherwise = SettingsSpec.BuiltIn;
        var spec = new SettingsSpec
        {
            MaxRunningJobs = reader.Number("maxRunningJobs", 1, MostRunning) ?? otherwise.MaxRunningJobs,
            ActionImage = reader.Text("actionImage", NameRules.Image),
            ClonerImage = reader.Text("clonerImage", NameRules.Image),
            ServiceAccount = reader.Text("serviceAccount", NameRules.Subdomain),
            Workdir = reader.Text("workdir", NameRules.Workdir) ?? otherwise.Workdir,
            VariablesPrefix = reader.Text("variablesPrefix", NameRules.VariablesPrefix) ?? otherwise.VariablesPrefix,
            ActiveDeadlineSeconds = reader.Number("activeDeadlineSeconds", 1, int.MaxValue) ?? otherwise.ActiveDeadlineSeconds,
            JobWaitingTimeoutSeconds = reader.Number("jobWaitingTimeoutSeconds", 1, int.MaxValue) ?? otherwise.JobWaitingTimeoutSeconds,
            TtlSecondsAfterFinished = reader.Number("ttlSecondsAfterFinished", 0, int.MaxValue) ?? otherwise.TtlSecondsAfterFinished,
            PendingLimitSeconds = reader.Number("pendingLimitSeconds", 1, int.MaxValue) ?? otherwise.PendingLimitSeconds,
            PodSecurityContext = reader.Raw("podSecurityContext"),
            SecurityContext = reader.Raw("securityContext"),
            Resources = reader.Raw("resources"),
            TriggerAuthHeader = reader.Text("triggerAuthHeader", NameRules.Header) ?? otherwise.TriggerAuthHeader,
        };
        reader.Close();
        return spec;
    }

    public static JsonObject Write(SettingsSpec spec)
    {
        var otherwise = SettingsSpec.BuiltIn;
        return new JsonObject()
            .With("maxRunningJobs", SpecJson.Unless(spec.MaxRunningJobs, otherwise.MaxRunningJobs))
            .With("actionImage", spec.ActionImage)
            .With("clonerImage", spec.ClonerImage)
            .With("serviceAccount", spec.ServiceAccount)
            .With("workdir", SpecJson.Unless(spec.Workdir, otherwise.Workdir))
            .With("variablesPrefix", SpecJson.Unless(spec.VariablesPrefix, otherwise.VariablesPrefix))
            .With("activeDeadlineSeconds", SpecJson.Unless(spec.ActiveDeadlineSeconds, otherwise.ActiveDeadlineSeconds))
            .With("jobWaitingTimeoutSeconds", SpecJson.Unless(spec.JobWaitingTimeoutSeconds, otherwise.JobWaitingTimeoutSeconds))
            .With("ttlSecondsAfterFinished", SpecJson.Unless(spec.TtlSecondsAfterFinished, otherwise.TtlSecondsAfterFinished))
            .With("pendingLimitSeconds", SpecJson.Unless(spec.PendingLimitSeconds, otherwise.PendingLimitSeconds))
            .With("podSecurityContext", spec.PodSecurityContext?.DeepClone())
            .With("securityContext", spec.SecurityContext?.DeepClone())
            .With("resources", spec.Resources?.DeepClone())
            .With("triggerAuthHeader", SpecJson.Unless(spec.TriggerAuthHeader, otherwise.TriggerAuthHeader));
    }
}

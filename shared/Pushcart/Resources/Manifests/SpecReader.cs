using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests.Fields;
using Pushcart.Resources.Manifests.Syntax;

namespace Pushcart.Resources.Manifests;

/// <summary>Reads a spec back from the JSON that <see cref="Manifest.Json"/> is, by the same rules as a manifest.</summary>
public static class SpecReader
{
    /// <summary>Reads a stored spec. A schedule that has ended since is no fault.</summary>
    /// <exception cref="FormatException">The text breaks a rule; the message names all faults with their paths.</exception>
    public static Spec FromJson(ResourceKind kind, string json) =>
        TryFromJson(kind, json, out var spec, out var error) ? spec : throw new FormatException(error);

    /// <summary>Reads a stored spec; where it breaks a rule, <paramref name="error"/> names all faults with their paths.</summary>
    public static bool TryFromJson(ResourceKind kind, string json, [NotNullWhen(true)] out Spec? spec, [NotNullWhen(false)] out string? error)
    {
        spec = null;
        var documents = JsonText.Read(json);
        var faults = documents.Count == 1 ? documents[0].Faults : new Faults();
        if (documents is [{ Root: JsonObject fields }])
        {
            spec = Read(new FieldReader(fields, "spec", faults), new SpecContext(kind, null, null));
        }
        else
        {
            faults.Add("spec", "must be one JSON object");
        }

        error = faults.Any ? $"the spec of a {kind} cannot be read: " + string.Join("; ", faults.Found.Select(fault => fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}")) : null;
        spec = faults.Any ? null : spec;
        return spec is not null;
    }

    /// <summary>The normal form of a spec.</summary>
    /// <exception cref="ArgumentException">A type of spec that is not one of this project's.</exception>
    public static string ToJson(Spec spec) => SpecJson.Text(spec switch
    {
        GitRepoSpec repo => GitRepoFields.Write(repo),
        ScheduleTriggerSpec trigger => ScheduleTriggerFields.Write(trigger),
        WebhookTriggerSpec trigger => WebhookTriggerFields.Write(trigger),
        SettingsSpec settings => SettingsFields.Write(settings),
        ActionSpec action => ActionFields.Write(action),
        _ => throw new ArgumentException($"{spec.GetType().Name} has no JSON", nameof(spec)),
    });

    internal static Spec Read(FieldReader reader, SpecContext context) => context.Kind switch
    {
        ResourceKind.GitRepo or ResourceKind.ClusterGitRepo => GitRepoFields.Read(reader, context),
        ResourceKind.ScheduleTrigger => ScheduleTriggerFields.Read(reader, context),
        ResourceKind.WebhookTrigger => WebhookTriggerFields.Read(reader),
        ResourceKind.Settings => SettingsFields.Read(reader),
        _ => ActionFields.Read(reader, context),
    };
}

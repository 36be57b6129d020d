using System.Text.Json;

namespace Pushcart.Tests.Support;

/// <summary>Short manifests for tests.</summary>
public static class InstallationManifests
{
    /// <summary>A source.</summary>
    /// <param name="name">Name.</param>
    /// <param name="uri">Address.</param>
    /// <param name="more">Further fields of the spec, in flow style, begun by a comma.</param>
    /// <param name="ns">Namespace.</param>
    public static string Source(string name, string uri, string more = "", string ns = "default") =>
        $$"""
        apiVersion: pushcart.dev/v1
        kind: GitRepo
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec: {repoUri: "{{uri}}"{{more}} }
        """;

    /// <summary>The settings.</summary>
    /// <param name="fields">Fields of the spec, in flow style.</param>
    public static string Defaults(string fields) =>
        $$"""
        apiVersion: pushcart.dev/v1
        kind: Settings
        metadata: { name: default }
        spec: { {{fields}} }
        """;

    /// <summary>An action that runs a shell script.</summary>
    /// <param name="name">Name.</param>
    /// <param name="script">The script.</param>
    /// <param name="more">Further fields of the job, in flow style, begun by a comma.</param>
    /// <param name="ns">Namespace.</param>
    public static string Action(string name, string script = "true", string more = "", string ns = "default") =>
        $$"""
        apiVersion: pushcart.dev/v1
        kind: Action
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec: {actionJob: {command: [sh, -c], args: [{{JsonSerializer.Serialize(script)}}]{{more}} } }
        """;

    /// <summary>A trigger that looks every 10 minutes.</summary>
    /// <param name="name">Name.</param>
    /// <param name="sources">Names of sources, with commas.</param>
    /// <param name="action">Name of the action.</param>
    /// <param name="watchOn">What is watched, in flow style.</param>
    /// <param name="schedule">The schedule, in flow style.</param>
    /// <param name="more">Further fields of the spec, in flow style, begun by a comma.</param>
    /// <param name="ns">Namespace.</param>
    public static string Trigger(
        string name, string sources, string action, string watchOn = "reference: {branch: main}", string schedule = "interval: 10m", string more = "", string ns = "default") =>
        $$"""
        apiVersion: pushcart.dev/v1
        kind: ScheduleTrigger
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec: {sources: {names: [{{sources}}], watchOn: { {{watchOn}} } }, schedule: { {{schedule}} }, action: {kind: Action, name: {{action}} }{{more}} }
        """;
}

namespace Pushcart.Tests.Support;

/// <summary>Manifests for tests of whole hosts.</summary>
public static class HostManifests
{
    /// <summary>A source named <c>app</c>, a trigger that looks at its branch <c>main</c> every second, and an action that runs a script.</summary>
    /// <param name="repoUri">The repository.</param>
    /// <param name="script">For <c>sh</c>, in one line.</param>
    /// <param name="source">Further lines of the source's spec, indented by two.</param>
    /// <param name="name">Name of all three.</param>
    public static string Watching(string repoUri, string script, string source = "", string name = "app") => $$"""
        {{Repository(repoUri, name, source)}}
        ---
        {{Trigger(name, name)}}
        ---
        {{Action(script, name)}}
        """;

    /// <summary>A source.</summary>
    public static string Repository(string repoUri, string name = "app", string more = "") => $$"""
        apiVersion: pushcart.dev/v1
        kind: GitRepo
        metadata:
          name: {{name}}
        spec:
          repoUri: {{repoUri}}
        {{more}}
        """;

    /// <summary>A trigger of a source, every second.</summary>
    public static string Trigger(string source, string name = "app") => $$"""
        apiVersion: pushcart.dev/v1
        kind: ScheduleTrigger
        metadata:
          name: {{name}}
        spec:
          sources:
            names: [{{source}}]
            watchOn:
              reference:
                branch: main
          schedule:
            interval: 1s
          action:
            kind: Action
            name: {{name}}
        """;

    /// <summary>An action that runs a script.</summary>
    public static string Action(string script, string name = "app") => $$"""
        apiVersion: pushcart.dev/v1
        kind: Action
        metadata:
          name: {{name}}
        spec:
          actionJob:
            command: [sh, -c]
            args: ['{{script.Replace("'", "''", StringComparison.Ordinal)}}']
        """;
}

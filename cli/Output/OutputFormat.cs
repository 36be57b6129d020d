namespace Pushcart.Cli.Output;

/// <summary>How an answer is shown.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>The server's answer, indented.</summary>
    Json,

    /// <summary>The same in YAML.</summary>
    Yaml,

    /// <summary>Of a new token: the manifest of a Kubernetes Secret that holds its value.</summary>
    Secret,
}

using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>Reads one kubeconfig, YAML or JSON, of a bounded size and depth.</summary>
internal static class KubeconfigFile
{
    /// <summary>Bytes of a kubeconfig, and of each file that it names.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    private const int Deepest = 32;

    /// <summary>The whole file; null where it is not there.</summary>
    public static ConfigMap? Read(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            var info = new FileInfo(full);
            if (!info.Exists)
            {
                return null;
            }

            return info.Length <= MostBytes
                ? new ConfigMap(Parse(File.ReadAllText(full), full), full, "")
                : throw new KubeconfigException($"kubeconfig {full} is larger than {MostBytes} bytes, which is more than is read");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"kubeconfig {full} cannot be read: {failure.Message}");
        }
    }

    private static YamlMappingNode Parse(string text, string path)
    {
        try
        {
            CheckDepth(text, path);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents.FirstOrDefault()?.RootNode switch
            {
                null or YamlScalarNode { Value: null or "" } => [],
                YamlMappingNode map => map,
                _ => throw new KubeconfigException($"kubeconfig {path} is no map of clusters, users and contexts"),
            };
        }
        catch (YamlException fault)
        {
            // Not the parser's own sentence: it quotes what it has found, which may be a secret.
            throw new KubeconfigException($"kubeconfig {path}, line {fault.Start.Line}, column {fault.Start.Column}: not valid YAML");
        }
    }

    // By events, before anything is built: a tree is built by recursion.
    private static void CheckDepth(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current switch
            {
                MappingStart or SequenceStart => 1,
                MappingEnd or SequenceEnd => -1,
                _ => 0,
            };
            if (depth > Deepest)
            {
                throw new KubeconfigException($"kubeconfig {path}, line {parser.Current!.Start.Line}: nested more than {Deepest} deep");
            }
        }
    }
}

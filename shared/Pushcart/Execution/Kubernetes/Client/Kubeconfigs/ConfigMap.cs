using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>A map of a kubeconfig, which knows where it stands. Values are not shown in messages: any may be a secret.</summary>
internal sealed class ConfigMap(YamlMappingNode node, string file, string path)
{
    private const int ConvertedNodes = 10_000;

    /// <summary>The kubeconfig's path.</summary>
    public string File => file;

    /// <summary>The folder of the kubeconfig, which relative paths in it start from.</summary>
    public string Folder => Path.GetDirectoryName(file)!;

    /// <summary>True where the field stands there with a value.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A text; null where it is missing or empty.</summary>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } => value,
        _ => throw Wrong(name, "must be a text"),
    };

    /// <summary>A text that must be there.</summary>
    public string Required(string name) => Text(name) ?? throw Wrong(name, "is missing");

    /// <summary>True or false; false where it is missing.</summary>
    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Wrong(name, "must be true or false"),
    };

    /// <summary>A map; null where it is missing.</summary>
    public ConfigMap? Map(string name) => Find(name) switch
    {
        null => null,
        YamlMappingNode map => new ConfigMap(map, file, Wording.Field(path, name)),
        _ => throw Wrong(name, "must be a map"),
    };

    /// <summary>A list of maps; empty where it is missing.</summary>
    public IEnumerable<ConfigMap> Maps(string name) => List(name).Select((item, i) =>
        item is YamlMappingNode map ? new ConfigMap(map, file, $"{Wording.Field(path, name)}[{i}]") : throw Wrong(name, "must be a list of maps"));

    /// <summary>A list of texts; empty where it is missing.</summary>
    public IEnumerable<string> Texts(string name) => List(name).Select(item => (item as YamlScalarNode)?.Value ?? throw Wrong(name, "must be a list of texts"));

    /// <summary>The text of a file that the field <paramref name="name"/> names, or what stands in <paramref name="name"/><c>-data</c>; null where neither is there.</summary>
    public string? Pem(string name)
    {
        if (Text(name + "-data") is { } data)
        {
            var bytes = new byte[data.Length];
            return Convert.TryFromBase64String(data, bytes, out var length)
                ? System.Text.Encoding.UTF8.GetString(bytes, 0, length)
                : throw Wrong(name + "-data", "is not base64");
        }

        if (Text(name) is not { } written)
        {
            return null;
        }

        try
        {
            var full = Path.GetFullPath(written, Folder);
            return new FileInfo(full).Length <= KubeconfigFile.MostBytes ? System.IO.File.ReadAllText(full) : throw Wrong(name, $"names {full}, which is too large");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Wrong(name, $"names a file that cannot be read: {failure.Message}");
        }
    }

    /// <summary>The value of a field as JSON, texts as they are; null where it is missing.</summary>
    public JsonNode? Json(string name)
    {
        var left = ConvertedNodes;
        return Find(name) is { } value ? Convert(value) : null;

        // An alias stands for a node each time it is used: the count, not the file's size, bounds what is made of it.
        JsonNode? Convert(YamlNode from) => --left < 0 ? throw Wrong(name, "is too large") : from switch
        {
            YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create((pair.Key as YamlScalarNode)?.Value ?? throw Wrong(name, "has a key that is no text"), Convert(pair.Value)))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
            YamlScalarNode scalar => Scalar(scalar),
            _ => throw Wrong(name, "cannot be read"),
        };
    }

    /// <summary>A fault of a field.</summary>
    public KubeconfigException Wrong(string name, string what) => new($"kubeconfig {file}: {Wording.Field(path, name)} {what}");

    private static JsonValue? Scalar(YamlScalarNode scalar) => scalar switch
    {
        { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" } => JsonValue.Create(scalar.Value == "true"),
        { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        { Style: YamlDotNet.Core.ScalarStyle.Plain } when long.TryParse(scalar.Value, System.Globalization.CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(scalar.Value),
    };

    private IEnumerable<YamlNode> List(string name) => Find(name) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw Wrong(name, "must be a list"),
    };

    // An empty text and null are as good as missing, as in kubectl.
    private YamlNode? Find(string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var found)
        && found is not YamlScalarNode { Value: null or "" } and not YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "null" or "~" }
            ? found
            : null;
}

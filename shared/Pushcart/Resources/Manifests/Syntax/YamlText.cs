using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pushcart.Resources.Manifests.Syntax;

/// <summary>
/// Reads YAML into JSON nodes, from the parser's events: depth, duplicate keys and aliases are seen before anything is built of them,
/// so that a small file never grows into a large one.
/// </summary>
internal sealed class YamlText
{
    private readonly Parser _parser;
    private Faults _faults = new();
    private bool _broken;

    private YamlText(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>Reads the documents one by one. After a fault of syntax nothing more is read.</summary>
    public static IEnumerable<Document> Read(string text)
    {
        var yaml = new YamlText(text);
        var number = 0;
        Document? document;
        do
        {
            document = yaml.Next(number + 1);
            if (document is not null)
            {
                number = document.Number;
                yield return document;
            }
        }
        while (document is not null && !yaml._broken);
    }

    private Document? Next(int number)
    {
        _faults = new Faults();
        try
        {
            _parser.TryConsume<StreamStart>(out _);
            if (!_parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }

            var root = Node("", 1);
            _parser.Consume<DocumentEnd>();
            return new Document(number, root, _faults);
        }
        catch (YamlException fault)
        {
            _broken = true;
            _faults.Add("", $"line {fault.Start.Line}, column {fault.Start.Column}: not valid YAML: {fault.Message}{Hint(fault)}");
            return new Document(number, null, _faults);
        }
    }

    // The two values of this project that people forget to quote.
    private static string Hint(YamlException fault) =>
        fault.Message.Contains("anchor", StringComparison.OrdinalIgnoreCase) || fault.Message.Contains("token", StringComparison.OrdinalIgnoreCase)
            ? " (a value that begins with *, @ or ! stands in quotes)"
            : "";

    private JsonNode? Node(string path, int depth)
    {
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                _faults.Add(path, $"*{alias.Value} is an alias in YAML, and aliases are not accepted; write the value itself, and put a value that begins with * in quotes");
                _parser.MoveNext();
                return null;
            case NodeEvent node when node is not Scalar && depth > ManifestLimits.Depth:
                // It ends here: the parser's time to skip what is nested grows with the square of the depth.
                throw new YamlException(node.Start, node.End, $"nested more than {ManifestLimits.Depth} deep");
            case MappingStart:
                return Mapping(path, depth);
            case SequenceStart:
                return Sequence(path, depth);
            default:
                return Value(_parser.Consume<Scalar>(), path);
        }
    }

    private JsonObject Mapping(string path, int depth)
    {
        CheckTag(_parser.Consume<MappingStart>(), path, "map");
        var fields = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                _faults.Add(path, "has a key that is not plain text");
                _parser.SkipThisAndNestedEvents();
                _parser.SkipThisAndNestedEvents();
                continue;
            }

            var at = Wording.Field(path, key.Value);
            if (fields.ContainsKey(key.Value))
            {
                _faults.Add(at, $"stands here twice (line {key.Start.Line}); only one can be meant");
                _parser.SkipThisAndNestedEvents();
                continue;
            }

            fields.Add(key.Value, Node(at, depth + 1));
        }

        return fields;
    }

    private JsonArray Sequence(string path, int depth)
    {
        CheckTag(_parser.Consume<SequenceStart>(), path, "seq");
        var items = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node($"{path}[{items.Count}]", depth + 1));
        }

        return items;
    }

    private JsonNode? Value(Scalar scalar, string path)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? CoreScalars.Resolve(scalar.Value) : JsonValue.Create(scalar.Value);
        }

        CheckTag(scalar, path, "str");
        return JsonValue.Create(scalar.Value);
    }

    private void CheckTag(NodeEvent node, string path, string expected)
    {
        if (!node.Tag.IsEmpty && node.Tag.Value != "!" && node.Tag.Value != "tag:yaml.org,2002:" + expected)
        {
            _faults.Add(path, $"carries the tag {node.Tag.Value}, and tags are not accepted; leave it out (a value that begins with ! stands in quotes)");
        }
    }
}

namespace Pushcart.Tests.Support.Bicep;

/// <summary>A node of a parsed Bicep file.</summary>
public sealed record BicepNode(string Type, int Start, int End, int Row, bool Error, IReadOnlyList<BicepNode> Children)
{
    private string _source = "";

    /// <summary>Its text.</summary>
    public string Text => _source[Start..End];

    /// <summary>Itself and all below it.</summary>
    public IEnumerable<BicepNode> All => Children.SelectMany(child => child.All).Prepend(this);

    /// <summary>Its first identifier: the name of a declaration, the key of a property.</summary>
    public string Name => Children.First(child => child.Type is "identifier" or "property_identifier" or "string").Text.Trim('\'');

    /// <summary>What is declared or given: the last of its parts.</summary>
    public BicepNode Value => Children[^1];

    /// <summary>The value of a property by its path below the first object; null where it is not there.</summary>
    public BicepNode? Property(params ReadOnlySpan<string> path)
    {
        var at = All.FirstOrDefault(node => node.Type == "object");
        BicepNode? found = null;
        foreach (var key in path)
        {
            found = at?.Children.FirstOrDefault(child => child.Type == "object_property" && child.Name == key)?.Value;
            at = found;
        }

        return found;
    }

    /// <summary>Names and values of the properties of the first object.</summary>
    public IEnumerable<(string Name, BicepNode Value)> Properties() =>
        All.First(node => node.Type == "object").Children.Where(child => child.Type == "object_property").Select(child => (child.Name, child.Value));

    internal BicepNode Of(string source)
    {
        foreach (var node in All)
        {
            node._source = source;
        }

        return this;
    }
}

using System.Text.Json.Nodes;

namespace Pushcart.Cli.Output;

/// <summary>Rows under headings, for people.</summary>
/// <param name="headings">The headings.</param>
internal sealed class Listing(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<string> Headings { get; } = headings;

    /// <summary>The rows.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>A row for each item.</summary>
    /// <param name="items">A list of an answer; null has none.</param>
    /// <param name="cells">Its cells, as many as there are headings; null is an empty one.</param>
    /// <param name="headings">The headings.</param>
    public static Listing Of(JsonNode? items, Func<JsonNode, string?[]> cells, params string[] headings)
    {
        var listing = new Listing(headings);
        foreach (var item in items as JsonArray ?? [])
        {
            listing.Add(cells(item!));
        }

        return listing;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="cells">Its cells, as many as there are headings; null is an empty one.</param>
    public void Add(params string?[] cells) => _rows.Add([.. cells.Select(Plain)]);

    // What comes from commits, logs and messages of others must not steer the terminal, nor make rows of its own.
    private static string Plain(string? cell) => string.Create((cell ?? "").Length, cell ?? "", (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = char.IsControl(from[i]) ? ' ' : from[i];
        }
    });
}

using System.Text.Json.Nodes;

namespace Pushcart.Cli.Servers;

/// <summary>Lists that come in pages.</summary>
internal static class Pages
{
    /// <summary>Gets one page, or all of them in one answer.</summary>
    /// <param name="session">The server.</param>
    /// <param name="path">The list.</param>
    /// <param name="list">Name of the field that holds the items.</param>
    /// <param name="filters">What is asked for.</param>
    /// <param name="next">Which page; null: the first.</param>
    /// <param name="all">True: this page and all after it.</param>
    /// <param name="cancellation">Ends the queries.</param>
    public static async Task<JsonNode> GetAsync(
        Session session, string path, string list, IEnumerable<(string Name, string Value)> filters, string? next, bool all, CancellationToken cancellation)
    {
        var asked = filters.ToList();
        JsonNode? whole = null;
        do
        {
            var query = next is null ? asked : [.. asked, ("next", next)];
            var page = await session.Api.GetAsync($"{path}?{string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"))}", cancellation);
            next = (string?)page["next"];
            if (whole is null)
            {
                whole = page;
                continue;
            }

            foreach (var item in page[list] as JsonArray ?? [])
            {
                whole[list]!.AsArray().Add(item!.DeepClone());
            }
        }
        while (all && next is not null);
        if (all)
        {
            whole.AsObject().Remove("next");
        }

        return whole;
    }

    /// <summary>Tells of an answer that holds nothing, or not everything.</summary>
    /// <param name="session">Whom to tell.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="list">Name of the field that holds the items.</param>
    public static void Hint(Session session, JsonNode answer, string list)
    {
        if ((string?)answer["next"] is { } next)
        {
            session.Notices.Hint($"there may be more: --next {next}, or --all");
        }
        else if (answer[list] is JsonArray { Count: 0 })
        {
            session.Notices.Hint("there are none");
        }
    }
}

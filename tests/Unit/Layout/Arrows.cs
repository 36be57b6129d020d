namespace Pushcart.Tests.Unit.Layout;

/// <summary>The folders of <c>shared/Pushcart</c>, and which others each may use: arrows run downwards only.</summary>
internal static class Arrows
{
    private const string Root = "Pushcart";

    // What stands at the root (time and chance, durations, wording) is used by all and uses nothing.
    public static readonly IReadOnlyList<string> Folders = ["Inspection", "Health", "Workers", "Webhooks", "Tokens", "Triggers", "Jobs", "Execution", "Providers", "Resources", "Git", "Storage", "Settings", "Telemetry", ""];

    /// <summary>The uses that go against the arrows, when the folders stand in this order: who stands above may use who stands below.</summary>
    public static IEnumerable<TypeUse> Against(IEnumerable<TypeUse> uses, IReadOnlyList<string> folders) => uses.Where(use =>
        FolderOf(use.FromNamespace) is { } from && FolderOf(use.ToNamespace) is { } to && from != to && IndexOf(folders, to) <= IndexOf(folders, from));

    /// <summary>The first word of a namespace below the root; null for what the compiler makes outside of it.</summary>
    public static string? FolderOf(string ns) => ns == Root ? "" : ns.StartsWith(Root + ".", StringComparison.Ordinal) ? ns.Split('.')[1] : null;

    private static int IndexOf(IReadOnlyList<string> folders, string folder)
    {
        var at = folders.ToList().IndexOf(folder);
        return at >= 0 ? at : throw new InvalidOperationException($"the folder {folder} has no place among the arrows: {string.Join(" → ", folders)}");
    }
}

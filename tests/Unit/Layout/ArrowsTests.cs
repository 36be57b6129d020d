using System.Reflection;
using Pushcart.Settings;

namespace Pushcart.Tests.Unit.Layout;

public sealed class ArrowsTests
{
    private static readonly Lazy<IReadOnlyList<TypeUse>> s_uses = new(() => TypeUses.Of(typeof(SettingAttribute).Assembly.Location));

    [Fact]
    public void Arrows_between_the_folders_run_one_way()
    {
        var turned = Arrows.Against(s_uses.Value, Arrows.Folders).Select(use => use.ToString()).Order(StringComparer.Ordinal).ToList();

        Assert.True(turned.Count == 0, $"Arrows run {string.Join(" → ", Arrows.Folders)}, but:\n" + string.Join('\n', turned));
    }

    [Fact]
    public void Each_arrow_that_is_turned_round_is_found()
    {
        // Each pair of neighbours that know each other, exchanged: what stood above is now below, and must not use the other any more.
        for (var i = 0; i + 1 < Arrows.Folders.Count; i++)
        {
            var (above, below) = (Arrows.Folders[i], Arrows.Folders[i + 1]);
            if (!s_uses.Value.Any(use => Arrows.FolderOf(use.FromNamespace) == above && Arrows.FolderOf(use.ToNamespace) == below))
            {
                continue;
            }

            var turned = Arrows.Folders.ToArray();
            (turned[i], turned[i + 1]) = (below, above);

            Assert.Contains(Arrows.Against(s_uses.Value, turned), use => Arrows.FolderOf(use.FromNamespace) == above && Arrows.FolderOf(use.ToNamespace) == below);
        }

        var found = Arrows.Against(s_uses.Value, ["Inspection", "Health", "Workers", "Webhooks", "Tokens", "Triggers", "Jobs", "Execution", "Providers", "Resources", "Git", "Settings", "Storage", "Telemetry", ""]).Select(use => use.ToString());
        Assert.Contains("Pushcart.Storage.StorageSettings uses Pushcart.Settings.SettingAttribute", found);
    }

    [Fact]
    public void A_use_is_found_wherever_it_stands()
    {
        var uses = TypeUses.Of(typeof(ArrowsTests).Assembly.Location);
        var samples = typeof(ArrowsTests).Assembly.GetTypes()
            .Where(t => t.Namespace?.EndsWith(".Layout.Above", StringComparison.Ordinal) == true && !t.IsNested)
            .Select(t => t.FullName!);

        var found = uses.Where(use => use.FromNamespace.EndsWith(".Above", StringComparison.Ordinal) && use.ToNamespace.EndsWith(".Below", StringComparison.Ordinal)).Select(use => use.From);

        Assert.Equal(samples.Where(s => !s.EndsWith(".Nowhere", StringComparison.Ordinal)).Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_without_a_place_is_told()
    {
        var unknown = new TypeUse("Pushcart.Nowhere.Hook", "Pushcart.Nowhere", "Pushcart.Jobs.Job", "Pushcart.Jobs");

        Assert.Contains("Nowhere", Assert.Throws<InvalidOperationException>(() => Arrows.Against([unknown], Arrows.Folders).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_folder_has_a_place_and_every_place_a_folder()
    {
        var folders = typeof(SettingAttribute).Assembly.GetTypes().Select(t => Arrows.FolderOf(t.Namespace ?? "none")).OfType<string>().Distinct();

        Assert.Equal(Arrows.Folders.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Pushcart")]
    [InlineData("Pushcart.Cli")]
    public void What_decides_knows_neither_Functions_nor_ASP_NET(string assembly)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name!).ToList();

        Assert.Contains("System.Runtime", references);
        Assert.DoesNotContain(references, name =>
            name.StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.Contains("FunctionsWorker", StringComparison.Ordinal));
    }
}

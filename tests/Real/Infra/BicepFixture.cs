using Pushcart.Tests.Support;
using Pushcart.Tests.Support.Bicep;

namespace Pushcart.Tests.Real.Infra;

/// <summary>The templates of <c>infra/</c>, parsed once.</summary>
public sealed class BicepFixture : IAsyncLifetime
{
    /// <summary>The folder.</summary>
    public static string Folder { get; } = Path.Combine(ProjectFolder.Path, "infra");

    /// <summary>All files.</summary>
    public IReadOnlyList<BicepFile> Files { get; private set; } = [];

    /// <summary>The one that azd deploys.</summary>
    public BicepFile Main => Module("main");

    /// <summary>A file by its name without extension.</summary>
    public BicepFile Module(string name) => Files.Single(file => file.Name == name + ".bicep");

    /// <summary>The settings that the app is given.</summary>
    public IReadOnlyDictionary<string, string> AppSettings => Module("app").Resources.Single(r => r.Name == "settings").All
        .Where(node => node.Type == "object_property" && char.IsAsciiLetterUpper(node.Name[0])).ToDictionary(node => node.Name, node => node.Value.Text.Trim('\''));

    public async Task InitializeAsync() =>
        Files = await BicepFile.ParseAsync([.. Directory.EnumerateFiles(Folder, "*.bicep", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]);

    public Task DisposeAsync() => Task.CompletedTask;
}

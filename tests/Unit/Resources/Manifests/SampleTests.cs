using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources.Manifests;

public sealed class SampleTests
{
    public static TheoryData<string> Files { get; } = [.. Directory.GetFiles(Path.Combine(Root(), "samples"), "*.yaml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_sample_has_no_fault_and_its_trigger_names_what_is_in_it(string file)
    {
        var set = Given.Read(File.ReadAllText(Path.Combine(Root(), "samples", file)), file);
        Assert.Empty(set.Errors);
        var trigger = Assert.IsType<TriggerSpec>(exactMatch: false, @object: set.Manifests[^1].Spec);
        Assert.Contains(set.Manifests, m => m.Name.Kind == trigger.Action.Kind && m.Name.Name == trigger.Action.Name);
        Assert.All(trigger.Sources.Names, name => Assert.Contains(set.Manifests, m => m.Name.Kind == trigger.Sources.Kind && m.Name.Name == name));
    }

    [Fact]
    public void There_are_six_samples() => Assert.Equal(6, Files.Count);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

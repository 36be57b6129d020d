using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

public sealed class ManifestWriterTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("plain words")]
    [InlineData("")]
    [InlineData(" leading and trailing ")]
    [InlineData("yes")]
    [InlineData("NULL")]
    [InlineData("12")]
    [InlineData("1e3")]
    [InlineData("0o17")]
    [InlineData("~")]
    [InlineData("a: b # c")]
    [InlineData("*star")]
    [InlineData("!no")]
    [InlineData("- dash")]
    [InlineData("it's \"quoted\" \\ here")]
    [InlineData("two\nlines\n")]
    [InlineData("two\n  indented \n\n\nlines\twith tabs")]
    [InlineData("\r\n carriage")]
    [InlineData("---\nfoo: bar\n...\n")]
    [InlineData("über 😀 \u2028 \u0085 \u0007 \ufeff")]
    public void Each_text_is_read_again_as_it_was(string text)
    {
        var spec = new ActionSpec { Job = new() { Command = ["sh", "-c"], Args = [text, "last"], Annotations = new Dictionary<string, string> { ["note"] = text } } };

        Assert.Equal(SpecReader.ToJson(spec), Assert.Single(Again(Of(ResourceKind.Action, "a", spec)).Manifests).Json);
    }

    [Fact]
    public void All_kinds_are_written_what_is_referred_to_first_and_read_again_as_they_were()
    {
        static string OfCluster(string manifest) => manifest.Replace("kind: ", "kind: Cluster", StringComparison.Ordinal).Replace(", namespace: team", "", StringComparison.Ordinal);
        string[] all = [Given.Trigger, Given.Webhook, Given.Action, OfCluster(Given.Action), Given.Repo, OfCluster(Given.Repo), Given.Settings];
        var set = Given.Read(string.Join("\n---\n", all));
        Assert.Empty(set.Errors);

        var again = Again([.. set.Manifests.Reverse().Select(m => Of(m.Name.Kind, m.Name.Name, m.Spec, m.Name.Namespace))]);

        Assert.Empty(again.Errors);
        Assert.Equal(Enum.GetValues<ResourceKind>().Length, again.Manifests.Select(m => m.Name.Kind).Distinct().Count());
        Assert.Equal(set.Manifests.Select(m => (m.Name, m.Json)).OrderBy(m => m.Name.ToString()), again.Manifests.Select(m => (m.Name, m.Json)).OrderBy(m => m.Name.ToString()));
        Assert.True(again.Manifests.ToList().FindLastIndex(m => m.Spec is not TriggerSpec) < again.Manifests.ToList().FindIndex(m => m.Spec is TriggerSpec));
    }

    [Fact]
    public void What_cannot_be_read_is_told_in_a_comment_and_holds_up_no_other()
    {
        var broken = Of(ResourceKind.Action, "broken", new ActionSpec()) with { Spec = null, Error = "a later version\nwrote it" };

        var text = ManifestWriter.Write([broken, Of(ResourceKind.Action, "whole", new ActionSpec())]);

        Assert.StartsWith("# Action default/broken is left out: a later version wrote it\n", text, StringComparison.Ordinal);
        Assert.Equal("whole", Assert.Single(ManifestReader.Read(text, "export", s_now).Manifests).Name.Name);
    }

    private static ManifestSet Again(params Resource[] resources) => ManifestReader.Read(ManifestWriter.Write(resources), "export", s_now);

    private static Resource Of(ResourceKind kind, string name, Spec spec, string? ns = null) =>
        new(new(kind, kind.IsOfCluster() ? null : ns ?? "default", name), "uid-" + kind + name, 1, s_now, SpecReader.ToJson(spec), spec, null);
}

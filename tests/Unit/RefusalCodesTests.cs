using System.Reflection;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit;

public sealed class RefusalCodesTests
{
    private static readonly List<(string Property, RefusalCode Code)> s_codes =
        [.. typeof(RefusalCodes).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == typeof(RefusalCode)).Select(p => (p.Name, (RefusalCode)p.GetValue(null)!))];

    [Fact]
    public void The_list_holds_each_code_once()
    {
        Assert.Equal(s_codes.Select(c => c.Code.Name).Order(StringComparer.Ordinal), RefusalCodes.All.Select(code => code.Name).Order(StringComparer.Ordinal));
        Assert.Equal(s_codes.Count, s_codes.Select(c => c.Code.Name).Distinct().Count());
    }

    [Fact]
    public void Each_code_is_used()
    {
        var text = string.Concat(Directory.EnumerateFiles(Path.Combine(ProjectFolder.Path, "shared", "Pushcart"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));

        Assert.All(s_codes, c => Assert.Contains($"RefusalCodes.{c.Property}", text, StringComparison.Ordinal));
    }
}

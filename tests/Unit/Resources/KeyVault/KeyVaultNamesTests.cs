using System.Text.RegularExpressions;
using Pushcart.Resources.KeyVault;

namespace Pushcart.Tests.Unit.Resources.KeyVault;

public sealed class KeyVaultNamesTests
{
    [Theory]
    [InlineData("team", "git", "team--git")]
    [InlineData("team-a", "git-token-1", "team-a--git-token-1")]
    [InlineData("team", "registry.example.com", "sha256---293f1f06b638b774971cca1607152fe9a07c4ccf1e88f988ad463c2790632e3b")]
    public void A_secret_has_a_name_that_people_can_make(string ns, string name, string expected) => Assert.Equal(expected, KeyVaultNames.Of(ns, name));

    [Fact]
    public void No_two_secrets_share_a_name_and_every_name_is_one_of_a_vault()
    {
        // All short names of the three characters that matter, in both places, and the longest.
        var labels = Words(6).Where(w => Regex.IsMatch(w, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")).ToList();
        var names = Words(6).Where(w => Regex.IsMatch(w, @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")).ToList();
        labels.Add(new string('n', 63));
        names.AddRange([new string('n', 62), new string('n', 63), new string('n', 253)]);

        var all = labels.SelectMany(ns => names.Select(name => KeyVaultNames.Of(ns, name))).ToList();

        Assert.True(all.Count > 1000);
        Assert.Equal(all.Count, all.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(all, name => Assert.Matches("^[0-9a-zA-Z-]{1,127}$", name));
        Assert.Contains(all, name => name.Length == 127);
    }

    private static IEnumerable<string> Words(int length) => length == 0
        ? [""]
        : Words(length - 1).SelectMany(w => w.Length == length - 1 ? (string[])[w, w + "a", w + "-", w + "."] : [w]).Distinct();
}

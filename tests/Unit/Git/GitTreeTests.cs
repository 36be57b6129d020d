using System.Security.Cryptography;
using System.Text;
using Pushcart.Git;

namespace Pushcart.Tests.Unit.Git;

public sealed class GitTreeTests
{
    [Fact]
    public void The_hash_is_that_of_the_matching_files_as_git_lists_them()
    {
        var tree = new GitTree([new GitFile("a", "100644", "11"), new GitFile("b c", "100755", "22"), new GitFile("d", "120000", "33")]);

        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("100755 22\tb c\0" + "120000 33\td\0"))),
            tree.HashOf(path => path != "a"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([])), tree.HashOf(_ => false));
    }
}

using Pushcart.Git;

namespace Pushcart.Tests.Unit.Git;

public sealed class RepositoryIdentityTests
{
    [Theory]
    [InlineData("https://github.com/acme/app")]
    [InlineData("https://github.com/acme/app.git")]
    [InlineData("https://github.com/acme/app.git/")]
    [InlineData("https://GitHub.COM/acme/app/")]
    [InlineData("https://github.com./acme/app")]
    [InlineData("https://github.com:443/Acme/App")]
    [InlineData("http://github.com/acme/app")]
    [InlineData("https://token@github.com/acme/app")]
    [InlineData("https://github.com//acme//app")]
    [InlineData("https://github.com/%61cme/app")]
    [InlineData("ssh://git@github.com/acme/app.git")]
    [InlineData("ssh://git@github.com:22/acme/app.git")]
    [InlineData("ssh://git@ssh.github.com:443/acme/app.git")]
    [InlineData("git@github.com:acme/app.git")]
    [InlineData("git@github.com:/acme/app")]
    [InlineData("github.com:acme/app")]
    public void All_forms_of_an_address_are_one_repository(string address) => Assert.Equal("github.com/acme/app", RepositoryIdentity.Of(address));

    [Theory]
    [InlineData("https://dev.azure.com/fabrikam/web/_git/shop")]
    [InlineData("https://fabrikam@dev.azure.com/fabrikam/web/_git/shop")]
    [InlineData("https://fabrikam.visualstudio.com/web/_git/shop")]
    [InlineData("https://fabrikam.visualstudio.com/DefaultCollection/web/_git/shop")]
    [InlineData("git@ssh.dev.azure.com:v3/fabrikam/web/shop")]
    [InlineData("fabrikam@vs-ssh.visualstudio.com:v3/fabrikam/web/shop")]
    public void Azure_DevOps_names_a_repository_in_many_ways(string address) => Assert.Equal("dev.azure.com/fabrikam/web/shop", RepositoryIdentity.Of(address));

    [Fact]
    public void A_project_of_Azure_DevOps_with_the_repositorys_name_may_be_left_out() =>
        Assert.Equal(RepositoryIdentity.Of("git@ssh.dev.azure.com:v3/fabrikam/shop/shop"), RepositoryIdentity.Of("https://dev.azure.com/fabrikam/_git/shop"));

    [Theory]
    [InlineData("https://git.example.com:3000/a/b", "git.example.com:3000/a/b")]
    [InlineData("ssh://git@git.example.com:2222/a/b", "git.example.com:2222/a/b")]
    [InlineData("https://git.example.com/group/sub/deep/app.git", "git.example.com/group/sub/deep/app")]
    [InlineData("https://git.example.com/a/über", "git.example.com/a/über")]
    [InlineData("https://git.example.com/a/%C3%BCber", "git.example.com/a/über")]
    [InlineData("git@[::1]:a/b", "::1/a/b")]
    public void Ports_and_long_paths_stay(string address, string identity) => Assert.Equal(identity, RepositoryIdentity.Of(address));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/srv/git/app")]
    [InlineData("acme/app")]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/")]
    [InlineData("https://github.com/.git")]
    [InlineData("file:///srv/git/app")]
    [InlineData("git@github.com:")]
    [InlineData("https://")]
    [InlineData("https://%/a")]
    public void What_is_no_address_is_no_repository(string? address) => Assert.Null(RepositoryIdentity.Of(address));

    [Fact]
    public void An_endless_address_is_none() => Assert.Null(RepositoryIdentity.Of("https://github.com/" + new string('a', 3000)));
}

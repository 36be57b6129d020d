using Pushcart.Git;

namespace Pushcart.Tests.Unit.Git;

public sealed class GitAddressTests
{
    [Theory]
    [InlineData("https://a.example/x", "https://b.example/x", true)]
    [InlineData("https://a.example/x", "https://a.example/y", true)]
    [InlineData("http://a.example/x", "http://a.example:8080/x", true)]
    [InlineData("http://a.example/x", "https://a.example/x", true)]
    [InlineData("https://a.example/x", "http://a.example/x", false)]
    [InlineData("http://a.example/x", "http://b.example/x", false)]
    [InlineData("http://a.example/x", "https://b.example/x", false)]
    [InlineData("https://a.example/x", "file:///etc/passwd", false)]
    public void A_redirect_leads_to_the_same_host_or_stays_https(string from, string to, bool may) =>
        Assert.Equal(may, GitAddress.MayLead(new Uri(from), new Uri(to)));

    [Theory]
    [InlineData("https://a.example/x", "https://A.example/y", true)]
    [InlineData("http://a.example/x", "https://a.example/x", true)]
    [InlineData("https://a.example/x", "http://a.example/x", false)]
    [InlineData("https://a.example/x", "https://a.example:8443/x", false)]
    [InlineData("http://a.example/x", "https://a.example:8443/x", false)]
    [InlineData("https://a.example/x", "https://b.example/x", false)]
    [InlineData("https://a.example/x", "https://a.example.org/x", false)]
    public void Credentials_stay_on_their_host_and_port(string from, string to, bool shares) =>
        Assert.Equal(shares, GitAddress.SharesCredentials(new Uri(from), new Uri(to)));

    [Theory]
    [InlineData("https://user:pw@a.example/x.git/?q=1#f", "https://a.example/x.git/git-upload-pack")]
    [InlineData("https://a.example:8443/g/x", "https://a.example:8443/g/x/git-upload-pack")]
    public void An_address_has_no_credentials_and_no_query(string repository, string service) =>
        Assert.Equal(service, GitAddress.UploadPack(GitAddress.Parse(repository)).AbsoluteUri);

    [Theory]
    [InlineData("https://user:pw@a.example/x", "https://a.example/x")]
    [InlineData("git:pw@host:path", "host:path")]
    public void What_is_shown_has_no_credentials(string repository, string shown) => Assert.Equal(shown, GitAddress.Show(repository));
}

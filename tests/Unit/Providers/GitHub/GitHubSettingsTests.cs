using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Pushcart.Providers.GitHub;
using Pushcart.Settings;

namespace Pushcart.Tests.Unit.Providers.GitHub;

public sealed class GitHubSettingsTests
{
    [Theory]
    [InlineData("https://github.com", null, "https://api.github.com/")]
    [InlineData("https://acme.ghe.com/", null, "https://api.acme.ghe.com/")]
    [InlineData("https://github.example.com", null, "https://github.example.com/api/v3/")]
    [InlineData("https://github.example.com:8443/", null, "https://github.example.com:8443/api/v3/")]
    [InlineData("https://github.com", "https://proxy.example.com/github", "https://proxy.example.com/github/")]
    public void The_API_follows_from_the_address(string url, string? api, string expected) =>
        Assert.Equal(expected, new GitHubSettings { Url = url, ApiUrl = api }.Api.AbsoluteUri);

    [Theory]
    [InlineData("GitHub:Url", "http://github.example.com", "GitHub:Url: it is no https:// address")]
    [InlineData("GitHub:Url", "https://me:secret@github.com", "GitHub:Url: it is no https:// address")]
    [InlineData("GitHub:ApiUrl", "ftp://github.com", "GitHub:ApiUrl: it is no https:// address")]
    [InlineData("GitHub:AppId", "7", "GitHub:AppId: the App's private key is missing")]
    [InlineData("GitHub:PrivateKey", "secret", "GitHub:PrivateKey: it is of no use without GitHub:AppId")]
    [InlineData("GitHub:TokenFile", "/nowhere/secret", "GitHub:TokenFile: '/nowhere/secret' cannot be read")]
    public void What_is_wrong_is_told(string key, string value, string message) =>
        Assert.StartsWith(message, Assert.Single(Errors((key, value))), StringComparison.Ordinal);

    [Fact]
    public void A_key_that_is_none_is_told_and_never_shown()
    {
        var error = Assert.Single(Errors(("GitHub:AppId", "7"), ("GitHub:PrivateKey", "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----")));

        Assert.StartsWith("GitHub:PrivateKey: it is no RSA key in PEM", error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_App_and_a_token_exclude_each_other()
    {
        using var key = RSA.Create(2048);

        Assert.StartsWith(
            "GitHub:AppId: there is a token too",
            Assert.Single(Errors(("GitHub:AppId", "7"), ("GitHub:PrivateKey", key.ExportRSAPrivateKeyPem()), ("GitHub:Token", "ghp_x"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_read_with_its_line_breaks_written_out_and_from_a_file_in_either_form()
    {
        using var key = RSA.Create(2048);
        Assert.Empty(Errors(("GitHub:AppId", "7"), ("GitHub:PrivateKey", key.ExportRSAPrivateKeyPem().ReplaceLineEndings("\\n"))));
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
            Assert.Empty(Errors(("GitHub:AppId", "7"), ("GitHub:PrivateKeyFile", file)));

            File.WriteAllText(file, "ghp_x\n");
            Assert.Equal(("ghp_x", null), new GitHubSettings { TokenFile = file }.ReadToken());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Its_text_shows_no_secret()
    {
        var text = new GitHubSettings { Token = "ghp_secret", PrivateKey = "secret" }.ToString();

        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Errors(params (string Key, string Value)[] values)
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build());
        reader.Read<GitHubSettings>().Check(reader);
        return reader.Errors;
    }
}

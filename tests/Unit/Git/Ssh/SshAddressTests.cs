using Pushcart.Git;
using Pushcart.Git.Ssh;

namespace Pushcart.Tests.Unit.Git.Ssh;

public sealed class SshAddressTests
{
    [Theory]
    [InlineData("ssh://git@git.example.com/team/app.git", "git", "git.example.com", null, "/team/app.git")]
    [InlineData("SSH://git@git.example.com:2222/team/app.git", "git", "git.example.com", 2222, "/team/app.git")]
    [InlineData("ssh://git@[2001:db8::1]:22/app", "git", "2001:db8::1", 22, "/app")]
    [InlineData("ssh://me.too+x@host/~me/app.git", "me.too+x", "host", null, "~me/app.git")]
    [InlineData("ssh://git@host/a%20b%27c", "git", "host", null, "/a b'c")]
    [InlineData("git@git.example.com:team/app.git", "git", "git.example.com", null, "team/app.git")]
    [InlineData("git@git.example.com:/srv/app.git", "git", "git.example.com", null, "/srv/app.git")]
    [InlineData("git@host:22/app.git", "git", "host", null, "22/app.git")]
    [InlineData("git@[2001:db8::1]:app", "git", "2001:db8::1", null, "app")]
    [InlineData("git@ssh.dev.azure.com:v3/org/project/a%20b", "git", "ssh.dev.azure.com", null, "v3/org/project/a%20b")]
    public void Both_forms_are_read_as_git_reads_them(string text, string user, string host, int? port, string path)
    {
        Assert.True(SshAddress.IsSsh(text));
        Assert.Null(SshAddress.Fault(text));
        Assert.Equal(new SshAddress(user, host, port, path), SshAddress.Parse(text));
    }

    [Theory]
    [InlineData("https://git@host/x")]
    [InlineData("https://host/user@x:y")]
    [InlineData("host:path")]
    [InlineData("/srv/a@b:c")]
    [InlineData("")]
    public void Other_addresses_are_none(string text) => Assert.False(SshAddress.IsSsh(text));

    [Theory]
    [InlineData("ssh://host/x", "with the user")]
    [InlineData("ssh://", "with the user")]
    [InlineData("ssh://git:hunter2@host/x", "must not hold credentials")]
    [InlineData("git:hunter2@host:x", "must not hold credentials")]
    [InlineData("ssh://-oProxyCommand=x@host/x", "no valid user")]
    [InlineData("-oProxyCommand=x@host:x", "no valid user")]
    [InlineData("ssh://git@-oProxyCommand=x/x", "no valid host")]
    [InlineData("git@-oProxyCommand=x:x", "no valid host")]
    [InlineData("ssh://git@ho$(st)/x", "no valid host")]
    [InlineData("ssh://git@host%0a/x", "no valid host")]
    [InlineData("ssh://git@*/x", "no valid host")]
    [InlineData("ssh://git@/x", "no valid host")]
    [InlineData("ssh://git@[fe80::1%eth0]/x", "no valid host")]
    [InlineData("ssh://git@host:0/x", "no valid port")]
    [InlineData("ssh://git@host:65536/x", "no valid port")]
    [InlineData("ssh://git@host:two/x", "no valid port")]
    [InlineData("ssh://git@host", "no valid path")]
    [InlineData("ssh://git@host/", "no valid path")]
    [InlineData("ssh://git@host/a%00b", "no valid path")]
    [InlineData("ssh://git@host/a%0ab", "no valid path")]
    [InlineData("git@host:", "no valid path")]
    [InlineData("git@host:--upload-pack=x", "no valid path")]
    public void What_could_be_taken_for_something_else_is_refused_and_not_shown(string text, string fault)
    {
        Assert.Contains(fault, SshAddress.Fault(text), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", SshAddress.Fault(text), StringComparison.Ordinal);
        Assert.Equal(GitFailureKind.Unsupported, Assert.Throws<GitException>(() => SshAddress.Parse(text)).Kind);
    }

    [Theory]
    [InlineData("/a b", "git-upload-pack '/a b'")]
    [InlineData("it's!", @"git-upload-pack 'it'\''s'\!''")]
    [InlineData("$(x) `y` \"z\" \\", "git-upload-pack '$(x) `y` \"z\" \\'")]
    public void The_path_is_one_word_of_the_host_s_shell(string path, string command) =>
        Assert.Equal(command, new SshAddress("git", "host", null, path).Command);

    [Theory]
    [InlineData(null, "host")]
    [InlineData(22, "host")]
    [InlineData(2222, "[host]:2222")]
    public void Known_hosts_names_the_port_where_it_is_another(int? port, string name) => Assert.Equal(name, new SshAddress("git", "host", port, "/x").KnownAs);
}

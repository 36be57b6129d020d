using Pushcart.Cli;
using Pushcart.Cli.Servers;
using Pushcart.Tokens;

namespace Pushcart.Tests.Unit.Cli;

/// <summary>Which token a command shows.</summary>
public sealed class ServerAccessTests : IDisposable
{
    private static readonly Uri s_here = new("http://127.0.0.1:7071");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushcart-access-");
    private readonly string _own = TokenValue.New(TokenValue.Service, Chance.System);
    private readonly string _other = TokenValue.New(TokenValue.Service, Chance.System);

    public ServerAccessTests() => AdminTokenFile.TryWrite(AdminTokenFile.PathBelow(_folder.FullName), _own, Chance.System);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_file_stands_over_the_variable_and_that_over_the_token_of_a_host_on_this_machine()
    {
        var file = Path.Combine(_folder.FullName, "token");
        File.WriteAllText(file, _other + "\n");
        var below = _folder.CreateSubdirectory("a").CreateSubdirectory("b").FullName;

        Assert.Equal((_own, null), ServerAccess.TokenOf(null, null, null, s_here, below));
        Assert.Equal((_other, null), ServerAccess.TokenOf(null, _other + "\n", null, s_here, below));
        Assert.Equal((_other, null), ServerAccess.TokenOf(file, _own, null, s_here, below));
    }

    [Fact]
    public void The_token_of_a_host_on_this_machine_is_shown_to_no_other_machine() =>
        Assert.Equal((null, null), ServerAccess.TokenOf(null, null, null, new Uri("https://pushcart.example.com"), _folder.FullName));

    [Fact]
    public void What_is_no_token_is_told_without_what_it_is()
    {
        Assert.Equal("PUSHCART_TOKEN: it holds no token; one is pct_ and 64 hexadecimal digits", ServerAccess.TokenOf(null, "hunter2", null, s_here, _folder.FullName).Error);
        Assert.StartsWith("--token-file: /nowhere is not there", ServerAccess.TokenOf("/nowhere", null, null, s_here, _folder.FullName).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_says_the_server_and_gives_its_token_to_that_server_only()
    {
        var work = new ServerContext("work", new("https://pushcart.example.com/")) { Token = _own };
        var home = new ServerContext("home", new("https://home.example.com/")) { Token = _other };
        var contexts = new Contexts("contexts.json", "home", [work, home]);

        Assert.Equal((home.Server, home), ServerAccess.Place(null, null, null, contexts));
        Assert.Equal((work.Server, work), ServerAccess.Place(null, null, "work", contexts));
        Assert.Equal((work.Server, work), ServerAccess.Place(null, "https://home.example.com", "work", contexts));
        Assert.Equal((work.Server, work), ServerAccess.Place(work.Server, null, null, contexts));
        Assert.Equal((home.Server, home), ServerAccess.Place(null, "https://home.example.com", null, contexts));
        Assert.Equal((s_here, (ServerContext?)null), ServerAccess.Place(s_here, null, "work", contexts));
        Assert.Equal((new Uri("http://127.0.0.1:7071/"), (ServerContext?)null), ServerAccess.Place(null, null, null, new("contexts.json", null, [])));
        Assert.Equal(ExitCode.Failed, Assert.Throws<CommandException>(() => ServerAccess.Place(null, "nowhere", null, contexts)).Code);

        // Its own file is not looked at where a context has a token; a context without one has none for a server elsewhere.
        Assert.Equal((_other, null), ServerAccess.TokenOf(null, null, home with { Server = s_here }, s_here, _folder.FullName));
        Assert.Equal((null, null), ServerAccess.TokenOf(null, null, home with { Token = null }, home.Server, _folder.FullName));
        Assert.DoesNotContain(_other, $"{home} {contexts} {new ServerAccess(home.Server, _other)}", StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Contexts_are_read_as_they_were_written_and_a_file_that_is_none_is_told_without_what_it_holds()
    {
        var path = Path.Combine(_folder.FullName, "config", "contexts.json");
        var context = new ServerContext("work", new("https://pushcart.example.com/below/")) { Token = _own, CaFile = "/ca", ClientCert = "/cert", ClientKey = "/key" };
        new Contexts(path, "work", [context]).Write(Chance.System);

        var read = Contexts.Read(path);
        Assert.Equal(("work", context), (read.Current, Assert.Single(read.All)));
        Assert.False(read.IsOpenToOthers);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.True(read.IsOpenToOthers);

        foreach (var text in (string[])["hunter2", "[]", """{"contexts":{"a":"hunter2"}}""", """{"contexts":{"a":{"server":7}}}""", "null", """{"contexts":{"a":null}}""", """{"contexts":{"a":{"token":"hunter2"}}}"""])
        {
            File.Delete(path);
            File.WriteAllText(path, text);
            var message = Assert.Throws<CommandException>(() => Contexts.Read(path)).Message;
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
        }
    }
}

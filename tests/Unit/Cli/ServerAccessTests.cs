using Pushcart.Cli;
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

        Assert.Equal((_own, null), ServerAccess.Token(null, null, s_here, below));
        Assert.Equal((_other, null), ServerAccess.Token(null, _other + "\n", s_here, below));
        Assert.Equal((_other, null), ServerAccess.Token(file, _own, s_here, below));
    }

    [Fact]
    public void The_token_of_a_host_on_this_machine_is_shown_to_no_other_machine() =>
        Assert.Equal((null, null), ServerAccess.Token(null, null, new Uri("https://pushcart.example.com"), _folder.FullName));

    [Fact]
    public void What_is_no_token_is_told_without_what_it_is()
    {
        Assert.Equal("PUSHCART_TOKEN: it holds no token; one is pct_ and 64 hexadecimal digits", ServerAccess.Token(null, "hunter2", s_here, _folder.FullName).Error);
        Assert.StartsWith("--token-file: /nowhere is not there", ServerAccess.Token("/nowhere", null, s_here, _folder.FullName).Error, StringComparison.Ordinal);
    }
}

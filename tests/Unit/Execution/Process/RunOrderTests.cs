using System.Collections;
using System.Text.Json;
using Pushcart.Execution.Process;

namespace Pushcart.Tests.Unit.Execution.Process;

public sealed class RunOrderTests
{
    private static readonly RunOrder s_full = new()
    {
        Uid = "uid",
        ClaimKey = "claim",
        StartBefore = new DateTimeOffset(2026, 5, 1, 12, 0, 0, 123, TimeSpan.Zero),
        Deadline = TimeSpan.FromHours(30.5),
        StopGrace = TimeSpan.FromSeconds(5),
        OutputLimit = 1L << 40,
        RepoUri = "https://git.example.org/app.git",
        Authorization = "Basic \"ü\"",
        CaCertificates = "-----BEGIN",
        NoVerifySsl = true,
        PrivateKey = "-----BEGIN\nkey\n",
        KnownHosts = "host key\n",
        Commit = "abc",
        Reference = "refs/heads/main",
        Depth = 3,
        Submodules = true,
        PreserveGitFolder = true,
        Debug = true,
        Command = ["sh", "-c", "echo \"$A\"\n"],
        Environment = new Dictionary<string, string> { ["A"] = "1", ["B"] = "ü\n" },
        WorkdirVariable = "WORKDIR",
    };

    [Fact]
    public void Every_property_arrives()
    {
        var read = RunOrder.Read(JsonSerializer.SerializeToUtf8Bytes(s_full, RunJson.Default.RunOrder));

        foreach (var property in typeof(RunOrder).GetProperties())
        {
            var value = property.GetValue(s_full);
            Assert.False(value is null or false or 0, $"{property.Name} is not set by this test");
            if (value is IEnumerable list and not string)
            {
                Assert.Equal(list, (IEnumerable)property.GetValue(read)!);
            }
            else
            {
                Assert.Equal(value, property.GetValue(read));
            }
        }
    }

    [Fact]
    public void An_order_that_is_cut_off_is_none()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(s_full, RunJson.Default.RunOrder);

        Assert.ThrowsAny<JsonException>(() => RunOrder.Read(bytes.AsMemory(0, bytes.Length - 1)));
    }
}

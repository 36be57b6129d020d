using System.Diagnostics;
using Pushcart.Standalone.Azurite;

namespace Pushcart.Tests.Real.Azurite;

public sealed class AzuriteServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-azurite-").FullName;
    private readonly List<string> _progress = [];

    [Fact]
    public async Task The_last_of_those_who_share_a_folder_stops_it()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Assert.True(first.Started);
        Assert.False(second.Started);
        Assert.Equal(first.ConnectionString, second.ConnectionString);
        Assert.Equal(first.ProcessId, second.ProcessId);

        await first.DisposeAsync();
        Assert.True(IsAlive(second.ProcessId));

        await second.DisposeAsync();
        Assert.False(IsAlive(second.ProcessId));
    }

    [Fact]
    public async Task One_that_nobody_stopped_is_found_and_used()
    {
        // The same as a host that was killed: its lock is gone, its Azurite is there.
        var killed = await StartAsync();
        var found = await StartAsync();
        await killed.DisposeAsync();

        var next = await StartAsync();
        await found.DisposeAsync();
        Assert.False(next.Started);
        Assert.True(IsAlive(next.ProcessId));

        await next.DisposeAsync();
        Assert.False(IsAlive(next.ProcessId));
    }

    [Fact]
    public async Task Two_that_start_at_once_share_one()
    {
        var both = await Task.WhenAll(StartAsync(), StartAsync());
        Assert.Single(both, server => server.Started);
        Assert.Equal(both[0].ConnectionString, both[1].ConnectionString);
        foreach (var server in both)
        {
            await server.DisposeAsync();
        }

        Assert.False(IsAlive(both[0].ProcessId));
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_line()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        var options = AzuriteOptions.OnFreePorts(_folder) with { QueuePort = port };

        var error = await Assert.ThrowsAsync<AzuriteException>(
            () => AzuriteServer.StartAsync(options, _progress.Add, TimeProvider.System, CancellationToken.None));

        Assert.Contains($"port {port} is taken", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<AzuriteServer> StartAsync() =>
        AzuriteServer.StartAsync(AzuriteOptions.OnFreePorts(_folder), _progress.Add, TimeProvider.System, CancellationToken.None);

    private static bool IsAlive(int? process) => File.Exists($"/proc/{process}/cmdline")
        ? File.ReadAllText($"/proc/{process}/cmdline").Length > 0
        : !OperatingSystem.IsLinux() && Process.GetProcesses().Any(one => one.Id == process);
}

using Pushcart.Workers.Working.State;

namespace Pushcart.Tests.Unit.Workers.Working.State;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("worker-state-").FullName;
    private static readonly WorkerState s_state = new() { Worker = "edge", Instance = "i1", Registered = true, Token = "pcw_secret", NextToken = "pcw_next", Key = "a key", Registration = "hash" };

    [Fact]
    public async Task What_is_written_is_read_and_only_its_user_may_read_it()
    {
        using var file = new StateFile(Path.Combine(_folder, "deep", "state.json"), Chance.System);
        Assert.Equal((null, null), await file.ReadAsync(default));
        Assert.Null(await file.WriteAsync(s_state, default));
        Assert.Null(await file.WriteAsync(s_state with { NextToken = null }, default));
        Assert.Equal((s_state with { NextToken = null }, null), await file.ReadAsync(default));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Where));
        Assert.Equal(["state.json", "state.json.lock"], Directory.GetFiles(Path.GetDirectoryName(file.Where)!).Select(Path.GetFileName).Order());
        Assert.DoesNotContain("secret", s_state.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_of_the_state_is_told_and_a_later_one_has_it()
    {
        var path = Path.Combine(_folder, "state.json");
        using (var first = new StateFile(path, Chance.System))
        {
            await first.ReadAsync(default);
            using var second = new StateFile(path, Chance.System);
            Assert.Contains("in use by another worker process", (await second.ReadAsync(default)).Error, StringComparison.Ordinal);
        }

        using var third = new StateFile(path, Chance.System);
        Assert.Null((await third.ReadAsync(default)).Error);
    }

    [Fact]
    public async Task A_file_that_is_no_state_or_a_place_that_cannot_be_written_is_told()
    {
        var path = Path.Combine(_folder, "state.json");
        await File.WriteAllTextAsync(path, "{\"worker\":");
        using var garbled = new StateFile(path, Chance.System);
        Assert.Contains("holds no state of a worker", (await garbled.ReadAsync(default)).Error, StringComparison.Ordinal);
        using var nowhere = new StateFile(Path.Combine(path, "below-a-file", "state.json"), Chance.System);
        Assert.Contains("--state names another place", (await nowhere.ReadAsync(default)).Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

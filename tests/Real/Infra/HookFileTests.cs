using System.Diagnostics;
using System.Reflection;

namespace Pushcart.Tests.Real.Infra;

/// <summary>The hooks as azd runs them: `dotnet run FILE` in the file's folder, with azd a stand-in on PATH.</summary>
public sealed class HookFileTests : IDisposable
{
    private readonly string _bin = Directory.CreateTempSubdirectory("azd").FullName;

    [Theory]
    [InlineData("predeploy", "PUSHCART_STORAGE_ACCOUNT")]
    [InlineData("postprovision", "PUSHCART_VAULT_ID")]
    [InlineData("postdeploy", "PUSHCART_URL")]
    public async Task A_hook_starts_and_tells_a_missing_output_in_one_line(string hook, string missing)
    {
        var (exit, output, error) = await RunAsync(hook, []);

        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith($"error: {missing} is not set in the azd environment", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_azd_that_is_signed_out_is_told_with_what_it_said()
    {
        await File.WriteAllTextAsync(Path.Combine(_bin, "azd"), "#!/bin/sh\necho \"not logged in: $*\" >&2\nexit 3\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_bin, "azd"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var (exit, _, error) = await RunAsync("predeploy", [("PUSHCART_STORAGE_ACCOUNT", "st1"), ("PUSHCART_DEPLOYER_ID", "me"), ("PUSHCART_STORAGE_PREFIX", "pushcart")]);

        Assert.Equal(1, exit);
        Assert.Equal(
            "error: azd gives no token for https://storage.azure.com/.default (exit code 3): not logged in: auth token --scope https://storage.azure.com/.default --output json; run `azd auth login`",
            error.Trim());
    }

    public void Dispose() => Directory.Delete(_bin, recursive: true);

    private async Task<(int Exit, string Output, string Error)> RunAsync(string hook, IEnumerable<(string Name, string Value)> settings)
    {
        var folder = Path.Combine(BicepFixture.Folder, "hooks");

        // The library was built in the configuration of these tests; another one would build it in their way.
        var configuration = typeof(HookFileTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var start = new ProcessStartInfo("dotnet", ["run", "-c", configuration, Path.Combine(folder, hook + ".cs")])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _bin + Path.PathSeparator + start.Environment["PATH"];
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var run = Process.Start(start)!;
        var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        return (run.ExitCode, await output, await error);
    }
}

using System.CommandLine;
using Pushcart.Standalone.Azurite;

namespace Pushcart.Cli.Demo;

/// <summary><c>pushcart demo</c>: the main job, end to end, on this machine.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end, to look around; Ctrl-C ends it" };
        var command = new Command("demo", "Shows a commit become a job, run, and stand in history: on this machine, in less than a minute") { keep };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(keep), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool keep, CancellationToken cancellation)
    {
        try
        {
            await using var demo = await Demonstration.BeginAsync(TimeProvider.System, Console.Out, cancellation);
            await demo.RunAsync(keep, cancellation);
            return 0;
        }
        catch (Exception e) when (e is DemoException or AzuriteException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("the demo was ended before it was through; everything is removed");
            return 1;
        }
    }
}

/// <summary>The demo went otherwise than it should; the message says what, and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);

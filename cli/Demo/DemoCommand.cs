using System.CommandLine;
using Pushcart.Execution.Kubernetes;
using Pushcart.Standalone.Azurite;

namespace Pushcart.Cli.Demo;

/// <summary><c>pushcart demo</c>: the main job, end to end, on this machine.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var keep = new Option<bool>("--keep") { Description = "Leave everything running at the end, to look around; Ctrl-C ends it" };
        var executor = new Option<string>("--executor") { Description = "What runs the jobs: process (this machine) or kubernetes", DefaultValueFactory = _ => "process" };
        executor.AcceptOnlyFromAmong("process", "kubernetes");
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "With kubernetes: its kubeconfig; else KUBECONFIG or ~/.kube/config" };
        var context = new Option<string?>("--context") { Description = "With kubernetes: a context; else the current one, where its cluster is a local one" };
        var image = new Option<string?>("--image") { Description = $"With kubernetes: an image that has sh and git; else {KubernetesExecutor.DefaultClonerImage}" };
        var address = new Option<string?>("--address") { Description = "With kubernetes: the address by which pods reach this machine; else it is found out" };
        var command = new Command("demo", "Shows a commit become a job, run, and stand in history: on this machine, in less than a minute") { keep, executor, kubeconfig, context, image, address };
        command.Validators.Add(result =>
        {
            foreach (var option in new Option[] { kubeconfig, context, image, address }.Where(o => result.GetValue(executor) != "kubernetes" && result.GetResult(o) is not null))
            {
                result.AddError($"{option.Name} goes with --executor kubernetes");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            var cluster = new DemoClusterOptions();
            cluster = cluster with
            {
                Kubeconfig = parsed.GetValue(kubeconfig) ?? cluster.Kubeconfig,
                Context = parsed.GetValue(context),
                Image = parsed.GetValue(image) ?? cluster.Image,
                Address = parsed.GetValue(address) ?? cluster.Address,
            };
            return RunAsync(new(parsed.GetValue(keep), parsed.GetValue(executor) == "kubernetes" ? cluster : null), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var demo = await Demonstration.BeginAsync(options, TimeProvider.System, Console.Out, cancellation);
            await demo.RunAsync(cancellation);
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

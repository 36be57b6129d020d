using System.CommandLine;

namespace Pushcart.Functions;

/// <summary>The command line of the standalone host.</summary>
/// <param name="Manifests">FILE, DIR or -: applied at start and when they change; null for none.</param>
/// <param name="Prune">True where what the manifests do not hold is deleted.</param>
/// <param name="Executor">What runs jobs; null: as configured.</param>
/// <param name="Context">Context of the kubeconfig; null: as configured.</param>
/// <param name="IsWorker">True where the Functions host has started this process, and it is not standalone.</param>
internal sealed record CommandLine(string? Manifests, bool Prune, string? Executor = null, string? Context = null, bool IsWorker = false)
{
    /// <summary>Reads the command line.</summary>
    /// <returns>The options; or null and the exit code, where there is nothing to run: help was asked for, or the words are off.</returns>
    public static (CommandLine? Options, int ExitCode) Parse(string[] args)
    {
        // The real Functions host starts its worker with words of its own.
        if (args.Contains("--functions-uri") || args.Contains("--workerId"))
        {
            return (new(null, false, IsWorker: true), 0);
        }

        var manifests = new Option<string?>("--manifests") { Description = "Resources to apply at start and when the files change: FILE, DIR or - for standard input", HelpName = "FILE|DIR|-" };
        var prune = new Option<bool>("--prune") { Description = "Delete every resource that the manifests do not hold" };
        var executor = new Option<string?>("--executor") { Description = "What runs jobs: process (this machine, for development), kubernetes or none; stands over the setting Executor" };
        executor.AcceptOnlyFromAmong("process", "kubernetes", "none");
        var context = new Option<string?>("--context") { Description = "Context of the kubeconfig; stands over the setting Kubernetes:Context" };
        var root = new RootCommand("Runs Pushcart's functions in one process. Settings come from local.settings.json and the environment.") { manifests, prune, executor, context };
        CommandLine? options = null;
        root.SetAction(parsed => options = new(parsed.GetValue(manifests), parsed.GetValue(prune), parsed.GetValue(executor), parsed.GetValue(context)));
        root.Validators.Add(result =>
        {
            if (result.GetValue(prune) && result.GetValue(manifests) is null)
            {
                result.AddError("--prune needs --manifests: it deletes what the manifests do not hold");
            }
        });
        var exit = root.Parse(args).Invoke();
        return (options, exit);
    }
}

using System.Reflection;

namespace Pushcart.Execution.Process;

/// <summary>How the <c>process</c> executor works. The defaults suit; tests shorten the times.</summary>
public sealed record ProcessExecutorOptions
{
    /// <summary>Directory of the runs, one directory each; made (for its owner only) where it is not there. No default: <c>.pushcart/runs</c> of the content root.</summary>
    public required string RunsDirectory { get; init; }

    /// <summary>
    /// The command that becomes a run's process: a program that calls <see cref="ProcessRun"/> first, and its first arguments. Default: this program.
    /// </summary>
    public IReadOnlyList<string> Runner { get; init; } = ThisProgram();

    /// <summary>From asking a run to stop (SIGTERM) to ending it (SIGKILL). Default 5 s; 0 and more; well below <see cref="OverdueAfter"/>.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a create waits for the run's process to say that it has started. Default 10 s; the answer is unknown after that.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>By how much a start may be later than <see cref="RunSpec.CreateBefore"/>. Default 5 s; with the 20 s of a claim well below its lease.</summary>
    public TimeSpan StartAllowance { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a run past its deadline, or being deleted, is left to its own process before the executor ends it itself. Default 30 s.</summary>
    public TimeSpan OverdueAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a directory is kept whose run never started. Default 1 h; longer than any claim's lease.</summary>
    public TimeSpan NeverStartedKept { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes of a run's output that are kept; the rest is dropped, with a note. Default 64 MiB.</summary>
    public long OutputLimit { get; init; } = 64L << 20;

    private static List<string> ThisProgram()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known; set Runner.");
        var assembly = Assembly.GetEntryAssembly()?.Location;
        return Path.GetFileNameWithoutExtension(program) == "dotnet" && !string.IsNullOrEmpty(assembly) ? [program, assembly] : [program];
    }
}

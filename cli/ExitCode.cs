namespace Pushcart.Cli;

/// <summary>How a command ends, for scripts. They are told in docs/operating.md, and do not change their meaning.</summary>
internal static class ExitCode
{
    /// <summary>It is done.</summary>
    public const int Done = 0;

    /// <summary>The server refused it, or something on this machine stood against it; or what was tried went wrong.</summary>
    public const int Failed = 1;

    /// <summary>The command line was not understood. Nothing was asked.</summary>
    public const int Usage = 2;

    /// <summary>The server was not reached, was not trusted, or did not answer as Pushcart does. Trying again later may help.</summary>
    public const int Unreachable = 3;

    /// <summary>There is no token, or it does not allow this.</summary>
    public const int NotAllowed = 4;

    /// <summary>What was named is not there.</summary>
    public const int NotFound = 5;

    /// <summary>A job that was waited for ended otherwise than by success.</summary>
    public const int JobFailed = 6;

    /// <summary>The time to wait was over before the job.</summary>
    public const int StillRunning = 7;

    /// <summary>It was interrupted (SIGINT, SIGTERM).</summary>
    public const int Interrupted = 130;
}

/// <summary>A command ends here, for a reason that its user is told in a line or two.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">The thing, the value and the next step. Never a secret.</param>
internal sealed class CommandException(int code, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public int Code { get; } = code;
}

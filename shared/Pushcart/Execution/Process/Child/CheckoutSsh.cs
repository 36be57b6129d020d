using Pushcart.Git;
using Pushcart.Git.Ssh;

namespace Pushcart.Execution.Process.Child;

/// <summary>How the git of a run's clone step reaches its repository over ssh: by a folder that holds the key and goes with the step.</summary>
internal sealed class CheckoutSsh : IDisposable
{
    /// <summary>
    /// For a repository that is not reached by ssh, and whose submodules may name hosts that are: no key, no agent and no known host of whoever runs this.
    /// </summary>
    public const string NoKey =
        "ssh -F /dev/null -oBatchMode=yes -oIdentityAgent=none -oIdentitiesOnly=yes -oIdentityFile=none -oStrictHostKeyChecking=yes -oUserKnownHostsFile=/dev/null "
        + "-oGlobalKnownHostsFile=/dev/null";

    private const string Cut = "Could not read from remote repository";

    private readonly SshAddress _address;
    private readonly SshFolder _folder;

    /// <summary>Makes the folder, in the run's own directory.</summary>
    /// <exception cref="GitException">The address is none, or the folder cannot be written.</exception>
    public CheckoutSsh(RunDirectory directory, string repoUri, SshAuth auth)
    {
        _address = SshAddress.Parse(repoUri);
        _folder = SshFolder.Create(Path.Combine(directory.Path, "ssh"), _address, auth);

        // Git adds its own arguments, and has a shell split the rest.
        Command = $"cd {SshAddress.Quoted(_folder.Path)} && exec ssh {string.Join(' ', SshFolder.Arguments)}";
    }

    /// <summary>The command for git.</summary>
    public string Command { get; }

    /// <summary>Before a git command: what <c>ssh</c> says from now on is about it.</summary>
    public void Begin() => _folder.ClearLog();

    /// <summary>Why the host could not be reached, or does not give the repository: a sentence. Null where git failed for another reason.</summary>
    /// <param name="written">What git wrote.</param>
    public string? Complaint(string written)
    {
        var log = _folder.ReadLog();
        if (log.Length == 0 && !written.Contains(Cut, StringComparison.Ordinal))
        {
            return null;
        }

        // Of git's lines only those before its own last words are the host's.
        var end = written.IndexOf("fatal: " + Cut, StringComparison.Ordinal);
        return SshFailures.Of(log, end >= 0 ? written[..end] : "", _address)?.Message;
    }

    /// <summary>Removes the key.</summary>
    public void Dispose() => _folder.Dispose();
}

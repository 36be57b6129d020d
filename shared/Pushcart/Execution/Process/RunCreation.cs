using Pushcart.Execution.Process.Child;
using Pushcart.Git;

namespace Pushcart.Execution.Process;

/// <summary>Creates a run: claims its directory, or that of an older claim which never started, and starts its process.</summary>
internal sealed class RunCreation(ProcessExecutorOptions options, TimeProvider time, Chance chance)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    /// <summary>Creates it, or tells why not.</summary>
    /// <exception cref="IOException">The disk refused, before anything was started.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public async Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        var directory = new RunDirectory(Path.Combine(options.RunsDirectory, spec.Key.Name));
        var identity = new RunIdentity(
            chance.NewId(), spec.Key.Namespace, spec.Key.Name, spec.Key.JobId, spec.Key.Run, spec.Installation, spec.ClaimKey,
            time.GetUtcNow(), spec.CreateBefore, spec.Deadline, spec.Ttl);
        if (!directory.TryCreate(identity) && await TakeOverAsync(directory, identity, cancellation) is { } answer)
        {
            return answer;
        }

        return await new RunProcessStart(options, time).StartAsync(directory, Order(spec, identity), cancellation);
    }

    /// <summary>
    /// Takes a directory over whose run never started, under its lock. A late process of the older claim finds, under the same lock, that the directory
    /// is not its own any more.
    /// </summary>
    /// <returns>Null where it is ours now; otherwise the answer.</returns>
    private async Task<CreateAnswer?> TakeOverAsync(RunDirectory directory, RunIdentity identity, CancellationToken cancellation)
    {
        // What looks like a start under way settles within milliseconds.
        for (var tries = 0; tries < 100; tries++)
        {
            using (var runLock = RunLock.Open(directory.LockPath))
            {
                if (directory.ReadIdentity() is not { } there)
                {
                    if (!directory.Exists && directory.TryCreate(identity))
                    {
                        return null;
                    }
                }
                else if (there.Key != identity.Key || there.Installation != identity.Installation)
                {
                    return new(CreateResult.Refused, $"{directory.Path} is the directory of another job, run or installation");
                }
                else if (directory.HasStarted)
                {
                    return new(CreateResult.Exists);
                }
                else if (runLock is not null && runLock.TryTake() && !directory.HasStarted && directory.Exists)
                {
                    directory.WriteIdentity(identity);
                    return null;
                }
            }

            await Task.Delay(s_look, time, cancellation);
        }

        return directory.Exists && directory.ReadIdentity() is null
            ? new(CreateResult.Refused, $"{directory.Path} is not the directory of a run; remove it")
            : new(CreateResult.Unknown, $"an older claim's process holds the lock of {directory.Path} and has not started");
    }

    private RunOrder Order(RunSpec spec, RunIdentity identity) => new()
    {
        Uid = identity.Uid,
        ClaimKey = identity.ClaimKey,
        StartBefore = spec.CreateBefore + options.StartAllowance,
        Deadline = spec.Deadline,
        StopGrace = options.StopGrace,
        OutputLimit = options.OutputLimit,
        RepoUri = spec.Checkout.Endpoint.RepoUri,
        Authorization = spec.Checkout.Endpoint.Auth.Header,
        CaCertificates = spec.Checkout.Endpoint.CaCertificates,
        NoVerifySsl = spec.Checkout.Endpoint.NoVerifySsl,
        PrivateKey = (spec.Checkout.Endpoint.Auth as SshAuth)?.PrivateKey,
        KnownHosts = (spec.Checkout.Endpoint.Auth as SshAuth)?.KnownHosts,
        Commit = spec.Checkout.Commit,
        Reference = spec.Checkout.Reference,
        Depth = spec.Checkout.Depth,
        Submodules = spec.Checkout.Submodules,
        PreserveGitFolder = spec.Checkout.PreserveGitFolder,
        Debug = spec.Checkout.Debug,
        Command = [.. spec.Command, .. spec.Args],
        Environment = spec.Environment,
        WorkdirVariable = spec.WorkdirVariable,
    };
}

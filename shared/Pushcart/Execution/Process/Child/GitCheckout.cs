using System.Globalization;
using System.Text;
using Pushcart.Execution.Process.Output;
using Pushcart.Git;

namespace Pushcart.Execution.Process.Child;

/// <summary>Clones exactly one commit into a run's <c>work</c>, by the git of this machine.</summary>
internal sealed class GitCheckout(RunDirectory directory, RunOrder order, WorkProcesses processes, RunOutput output)
{
    // What git calls infinite; --unshallow would be an error where nothing is missing.
    private const int WholeHistory = int.MaxValue;

    // Complaints to which asking for something else is no answer; wrong credentials in particular are not sent twice.
    private static readonly string[] s_final =
    [
        "unable to access", "authentication failed", "could not read username", "could not read password", "does not appear to be a git repository",
        "repository not found", "' not found",
    ];

    private Dictionary<string, string> _environment = [];
    private CheckoutSsh? _ssh;
    private string _complaint = "";
    private bool _final;

    /// <summary>
    /// 1. An empty repository. 2. The commit itself, where need be from where the server redirects to. 3. Where the server does not serve single commits:
    /// its reference, deeper and deeper, until the commit is there; where it has no reference, everything. 4. The files, and submodules if asked for. 5. <c>.git</c> goes, unless it is to stay.
    /// </summary>
    /// <returns>Null, or a sentence that says why there is no clone. Never a secret.</returns>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        try
        {
            // The key goes with this step, however it ends: git that is still at work when a run is stopped needs it no more.
            using var ssh = order.PrivateKey is { } key ? new CheckoutSsh(directory, order.RepoUri, new SshAuth(key, order.KnownHosts ?? "")) : null;
            _ssh = ssh;
            _environment = RunEnvironment.OfGit(directory, order, order.RepoUri, ssh?.Command ?? CheckoutSsh.NoKey);
            return await CloneAsync(stop);
        }
        catch (GitException failure)
        {
            return $"cannot clone {order.RepoUri} at {order.Commit}: {failure.Message}";
        }
    }

    private async Task<string?> CloneAsync(CancellationToken stop)
    {
        if (order.CaCertificates is { } certificates)
        {
            await File.WriteAllTextAsync(directory.CaPath, SystemCertificates() + "\n" + certificates, stop);
        }

        string[] format = order.Commit.Length == 64 ? ["--object-format=sha256"] : [];
        if (!await GitAsync(["init", "--quiet", "--template=", .. format, "."], stop)
            || !await GitAsync(["remote", "add", "--", "origin", order.RepoUri], stop)
            || (!await FetchAsync([order.Commit], order.Depth, stop) && !(await FollowAsync(stop) && await FetchAsync([order.Commit], order.Depth, stop))
                && !await FallBackAsync(stop))
            || !await GitAsync(["checkout", "--quiet", "--detach", order.Commit], stop)
            || (order.Submodules && !await GitAsync(["submodule", "update", "--init", "--recursive", .. Depth(order.Depth)], stop)))
        {
            return $"cannot clone {order.RepoUri} at {order.Commit}: {_complaint}";
        }

        if (!order.PreserveGitFolder)
        {
            RemoveGitFolders();
        }

        return null;
    }

    /// <summary>
    /// Goes where the server redirects to. Git is told to follow no redirect where there are credentials, for it would take them along to another host: its first
    /// request goes there without them, but the second one with them (seen with git 2.39).
    /// </summary>
    private async Task<bool> FollowAsync(CancellationToken stop)
    {
        if (order.Authorization is null || !_complaint.Contains("returned error: 30", StringComparison.Ordinal))
        {
            return false;
        }

        using var client = new GitClient(TimeProvider.System);
        var endpoint = new GitEndpoint(order.RepoUri) { Auth = new TokenAuth(order.Authorization), CaCertificates = order.CaCertificates, NoVerifySsl = order.NoVerifySsl };
        var answer = await client.ListRefsAsync(endpoint, [order.Reference ?? "HEAD"], null, stop);
        if (answer.Value?.Dialect.Location is not { } location)
        {
            _complaint = answer.Failure?.Message ?? _complaint;
            return false;
        }

        _environment = RunEnvironment.OfGit(directory, order, location, CheckoutSsh.NoKey);
        return await GitAsync(["remote", "set-url", "origin", location], stop);
    }

    private async Task<bool> FallBackAsync(CancellationToken stop)
    {
        if (_final || s_final.Any(text => _complaint.Contains(text, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        var first = _complaint;
        string[] wanted = order.Reference is { } reference ? [reference] : ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        int[] depths = order.Reference is null || order.Depth == 0 ? [0] : [order.Depth, order.Depth + 100, WholeHistory];
        foreach (var depth in depths)
        {
            if (!await FetchAsync(wanted, depth, stop))
            {
                return false;
            }

            // The repository was empty: what is in it now can be reached from what was fetched.
            if (await GitAsync(["cat-file", "-e", order.Commit + "^{commit}"], stop, shown: false))
            {
                return true;
            }
        }

        _complaint = $"the commit cannot be reached from {order.Reference ?? "any branch or tag"} any more, and the server does not serve it by itself ({first})";
        return false;
    }

    private Task<bool> FetchAsync(string[] wanted, int depth, CancellationToken stop)
    {
        string[] tone = order.Debug ? ["--progress", "--verbose"] : ["--quiet"];
        return GitAsync(["fetch", .. tone, "--no-tags", "--no-recurse-submodules", .. Depth(depth), "origin", .. wanted], stop);
    }

    private static string[] Depth(int depth) => depth > 0 ? ["--depth", depth.ToString(CultureInfo.InvariantCulture)] : [];

    private async Task<bool> GitAsync(string[] arguments, CancellationToken stop, bool shown = true)
    {
        if (order.Debug)
        {
            output.Line("git " + string.Join(' ', arguments));
        }

        var written = new StringBuilder();
        _ssh?.Begin();
        var end = await processes.RunAsync(["git", .. arguments], _environment, directory.WorkPath, Take, stop);
        await processes.DrainAsync();
        if (end.Code == 0)
        {
            return true;
        }

        lock (written)
        {
            var text = written.ToString();
            var last = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
            var unreached = _ssh?.Complaint(text);
            _final |= unreached is not null;
            _complaint = end.Problem ?? unreached ?? last ?? $"git {arguments[0]} ended with code {end.Code}";
            return false;
        }

        void Take(ReadOnlySpan<byte> bytes)
        {
            if (shown)
            {
                output.Write(bytes);
            }

            lock (written)
            {
                written.Append(Encoding.UTF8.GetString(bytes));
                written.Remove(0, Math.Max(0, written.Length - 2000));
            }
        }
    }

    private void RemoveGitFolders()
    {
        Directory.Delete(Path.Combine(directory.WorkPath, ".git"), recursive: true);
        if (order.Submodules)
        {
            var everywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
            foreach (var file in Directory.GetFiles(directory.WorkPath, ".git", everywhere))
            {
                File.Delete(file);
            }
        }
    }

    // sslCAInfo replaces git's own list, and the certificates given are meant to add to it.
    private static string SystemCertificates()
    {
        string?[] places =
        [
            Environment.GetEnvironmentVariable("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
        ];
        return places.FirstOrDefault(File.Exists) is { } found ? File.ReadAllText(found) : "";
    }
}

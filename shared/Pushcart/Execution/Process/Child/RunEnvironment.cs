using System.Globalization;
using Pushcart.Git;

namespace Pushcart.Execution.Process.Child;

/// <summary>The environments of a run's programs: a minimal base, and what is theirs. Nothing else is inherited.</summary>
internal static class RunEnvironment
{
    private static readonly string[] s_base = ["PATH", "LANG", "TZ"];

    private static readonly string[] s_network =
    [
        "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    ];

    /// <summary>Of the work: the variables of the run, which may replace those of the base.</summary>
    public static Dictionary<string, string> OfWork(RunDirectory directory, RunOrder order)
    {
        var environment = Base(directory, s_base);
        foreach (var (name, value) in order.Environment)
        {
            environment[name] = value;
        }

        environment[order.WorkdirVariable] = directory.WorkPath;
        return environment;
    }

    /// <summary>
    /// Of git. It alone gets the credentials: as configuration in its environment, which no other user can read, and for the repository's own address;
    /// with submodules for its server, which gave them out, so that private ones can be had. They never go to another server.
    /// </summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="order">What to clone.</param>
    /// <param name="address">Where from: the repository's own address, or where it redirects to.</param>
    /// <param name="ssh">The command by which git reaches hosts over ssh.</param>
    public static Dictionary<string, string> OfGit(RunDirectory directory, RunOrder order, string address, string ssh)
    {
        var place = order.Submodules && Uri.TryCreate(address, UriKind.Absolute, out var uri) && !uri.IsFile ? uri.GetLeftPart(UriPartial.Authority) + "/" : address;
        var environment = Base(directory, [.. s_base, .. s_network]);
        environment["LC_ALL"] = "C";
        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["GIT_SSH_COMMAND"] = ssh;
        environment["GIT_SSH_VARIANT"] = "ssh";
        environment["GIT_LFS_SKIP_SMUDGE"] = "1";
        List<(string Key, string Value)> settings = [("gc.auto", "0"), ("maintenance.auto", "false"), ("advice.detachedHead", "false")];
        if (order.Authorization is { } header)
        {
            settings.Add(("http.followRedirects", "false"));
            if (address == order.RepoUri || GitAddress.SharesCredentials(GitAddress.Parse(order.RepoUri), GitAddress.Parse(address)))
            {
                settings.Add(($"http.{place}.extraHeader", "Authorization: " + header));
            }
        }

        if (order.CaCertificates is not null)
        {
            settings.Add(($"http.{place}.sslCAInfo", directory.CaPath));
        }

        if (order.NoVerifySsl)
        {
            settings.Add(($"http.{place}.sslVerify", "false"));
        }

        environment["GIT_CONFIG_COUNT"] = settings.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (i, (key, value)) in settings.Index())
        {
            environment[$"GIT_CONFIG_KEY_{i}"] = key;
            environment[$"GIT_CONFIG_VALUE_{i}"] = value;
        }

        return environment;
    }

    private static Dictionary<string, string> Base(RunDirectory directory, IReadOnlyList<string> inherited)
    {
        var environment = new Dictionary<string, string> { ["HOME"] = directory.HomePath, ["LANG"] = "C.UTF-8", ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };
        foreach (var name in inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}

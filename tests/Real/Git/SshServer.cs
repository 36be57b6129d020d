using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

/// <summary>A test that needs OpenSSH's <c>sshd</c>: skipped where there is none, with the reason.</summary>
public sealed class SshFactAttribute : FactAttribute
{
    public SshFactAttribute() => Skip = SshServer.Missing;
}

/// <summary>A theory that needs OpenSSH's <c>sshd</c>: skipped where there is none, with the reason.</summary>
public sealed class SshTheoryAttribute : TheoryAttribute
{
    public SshTheoryAttribute() => Skip = SshServer.Missing;
}

/// <summary>How an <see cref="SshServer"/> behaves.</summary>
public sealed record SshServerOptions
{
    /// <summary>The version of git's protocol that the server ends up with: 2, 1, or 0 for a server that takes no variables.</summary>
    public int Protocol { get; init; } = 2;

    /// <summary>False: git offers no filters.</summary>
    public bool AllowFilter { get; init; } = true;

    /// <summary>A script that runs in place of what is asked for.</summary>
    public string? Script { get; init; }
}

/// <summary>OpenSSH's <c>sshd</c> on loopback, with keys and settings of its own, for the user that runs the tests.</summary>
public sealed class SshServer : IAsyncDisposable
{
    private static readonly string? s_sshd = Find("sshd");
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-sshd-").FullName;
    private readonly List<string> _log = [];
    private readonly Process _process;

    public SshServer(SshServerOptions? options = null)
    {
        options ??= new();
        KeyGen("host");
        KeyGen("user");
        File.Copy(PathOf("user.pub"), PathOf("authorized_keys"));
        if (Environment.UserName == "root")
        {
            // What sshd insists on when root starts it, and distributions make at the start of the machine.
            Directory.CreateDirectory("/run/sshd");
        }

        (Port, _process) = Start(options);
        KnownHosts = LineFor(PathOf("host.pub"));
    }

    /// <summary>Why the tests of ssh are skipped here; null: they are not.</summary>
    public static string? Missing { get; } =
        s_sshd is null ? "there is no sshd on this machine; install openssh-server" : Find("ssh") is null ? "there is no ssh on this machine; install openssh-client" : null;

    public int Port { get; }

    /// <summary>The server's line of <c>known_hosts</c>.</summary>
    public string KnownHosts { get; }

    /// <summary>The key that the server takes.</summary>
    public string PrivateKey => File.ReadAllText(PathOf("user"));

    public SshAuth Auth => new(PrivateKey, KnownHosts);

    /// <summary>How many connections have proved who they are.</summary>
    public int Accepted
    {
        get
        {
            lock (_log)
            {
                return _log.Count(line => line.StartsWith("Accepted publickey", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>Folders among the temporary files that still hold this server's key: none once nothing is under way.</summary>
    public IReadOnlyList<string> KeysLeft => [.. Directory.GetDirectories(Path.GetTempPath(), "pushcart-ssh-*").Where(IsOurs)];

    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public string UriOf(string path, string host = "127.0.0.1") =>
        $"ssh://{Environment.UserName}@{host}:{Port}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";

    public GitEndpoint Endpoint(TestRepository repository) => new(UriOf(repository.Folder)) { Auth = Auth };

    /// <summary>Makes another key, and gives its private half.</summary>
    public string AnotherKey(string name, params string[] arguments)
    {
        KeyGen(name, arguments);
        return File.ReadAllText(PathOf(name));
    }

    /// <summary>The line of <c>known_hosts</c> that gives this server the public half of another key.</summary>
    public string LineOf(string name) => LineFor(PathOf(name + ".pub"));

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool IsOurs(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "key")) == PrivateKey;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private (int Port, Process Process) Start(SshServerOptions options)
    {
        // sshd cannot choose a port. One that was free a moment ago nearly always still is.
        for (var attempt = 1; ; attempt++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            socket.Close();
            File.WriteAllText(PathOf("sshd_config"), Configuration(options, port));
            if (Listening(Process.Start(new ProcessStartInfo(s_sshd!, ["-D", "-e", "-f", PathOf("sshd_config")]) { RedirectStandardError = true })!) is { } process)
            {
                return (port, process);
            }

            Assert.True(attempt < 5, "sshd does not start: " + string.Join('\n', _log));
        }
    }

    private Process? Listening(Process process)
    {
        while (process.StandardError.ReadLine() is { } line)
        {
            _log.Add(line);
            if (line.StartsWith("Server listening", StringComparison.Ordinal))
            {
                new Thread(() => Note(process.StandardError)) { IsBackground = true }.Start();
                return process;
            }
        }

        process.Dispose();
        return null;
    }

    private void Note(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            lock (_log)
            {
                _log.Add(line);
            }
        }
    }

    private string Configuration(SshServerOptions options, int port)
    {
        var forced = "";
        if (options.Script is { } script)
        {
            File.WriteAllText(PathOf("script"), script);
            forced = $"ForceCommand sh {PathOf("script")}";
        }

        var version = options.Protocol == 1 ? " GIT_PROTOCOL=version=1" : "";
        return $"""
            Port {port.ToString(CultureInfo.InvariantCulture)}
            ListenAddress 127.0.0.1
            HostKey {PathOf("host")}
            PidFile none
            AuthorizedKeysFile {PathOf("authorized_keys")}
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            SetEnv GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=uploadpack.allowFilter GIT_CONFIG_VALUE_0={(options.AllowFilter ? "true" : "false")}{version}
            {(options.Protocol == 2 ? "AcceptEnv GIT_PROTOCOL" : "")}
            {forced}

            """;
    }

    private void KeyGen(string name, params string[] arguments)
    {
        string[] passphrase = arguments.Contains("-N") ? [] : ["-N", ""];
        using var process = Process.Start(new ProcessStartInfo(Find("ssh-keygen")!, ["-q", "-t", "ed25519", "-f", PathOf(name), .. passphrase, .. arguments]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private string LineFor(string publicKey) => $"[127.0.0.1]:{Port} {string.Join(' ', File.ReadAllText(publicKey).Split(' ')[..2])}\n";

    private string PathOf(string name) => Path.Combine(_folder, name);
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pushcart.Git.Protocol;

namespace Pushcart.Git.Ssh;

/// <summary>One <c>ssh</c> that runs <c>git-upload-pack</c> on a host. It is ended with all it started when the token that it was started with says so.</summary>
internal sealed class SshConnection
{
    private const int ErrorBytes = 4096;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly SshFolder _folder;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _onCancel;
    private readonly Task<string> _said;

    private SshConnection(Process process, SshFolder folder, int limit, TimeProvider time, CancellationToken cancellation)
    {
        (_process, _folder, _time) = (process, folder, time);
        Lines = new PktLineReader(process.StandardOutput.BaseStream, limit);
        _said = ReadErrorAsync(process.StandardError.BaseStream);

        // Reading from a pipe cannot always be cancelled; the end of the process ends it.
        _onCancel = cancellation.UnsafeRegister(_ => Kill(), null);
    }

    /// <summary>What the host sends.</summary>
    public PktLineReader Lines { get; }

    /// <summary>Starts it.</summary>
    /// <exception cref="GitException">The program cannot be started.</exception>
    public static SshConnection Start(string program, SshFolder folder, SshAddress address, int limit, TimeProvider time, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] port = address.Port is { } number ? ["-p", number.ToString(CultureInfo.InvariantCulture)] : [];
        foreach (var argument in (string[])[.. SshFolder.Arguments, "-T", .. port, "-l", address.User, "--", address.Host, address.Command])
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing of this program's environment: no agent, no askpass, no settings with secrets.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["GIT_PROTOCOL"] = "version=2";
        try
        {
            var process = Process.Start(start) ?? throw new GitException(GitFailureKind.Unsupported, $"{program} did not start");
            return new SshConnection(process, folder, limit, time, cancellation);
        }
        catch (Win32Exception failure)
        {
            throw new GitException(GitFailureKind.Unsupported, $"{program} cannot be started: {failure.Message}");
        }
    }

    /// <summary>Sends a request.</summary>
    /// <exception cref="IOException"><c>ssh</c> has ended.</exception>
    public async Task WriteAsync(byte[] request, CancellationToken cancellation)
    {
        await _process.StandardInput.BaseStream.WriteAsync(request, cancellation);
        await _process.StandardInput.BaseStream.FlushAsync(cancellation);
    }

    /// <summary>Why the host says no more: what <c>ssh</c> tells, or else what the host told; null where neither explains it.</summary>
    public async Task<GitException?> ExplainAsync(SshAddress address, CancellationToken cancellation)
    {
        await ExitAsync(cancellation);
        var said = await Task.WhenAny(_said, Task.Delay(s_grace, _time, cancellation)) == _said ? await _said : "";
        return SshFailures.Of(_folder.ReadLog(), said, address);
    }

    /// <summary>Ends it, in peace or at once; nothing of it is alive afterwards.</summary>
    public async Task EndAsync(bool atOnce)
    {
        try
        {
            if (!atOnce)
            {
                // A server that is asked for nothing more ends by itself.
                await WriteAsync("0000"u8.ToArray(), CancellationToken.None);
                _process.StandardInput.Close();
                await ExitAsync(CancellationToken.None);
            }
        }
        catch (IOException)
        {
            // It has ended already.
        }
        finally
        {
            await _onCancel.DisposeAsync();
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
    }

    private async Task ExitAsync(CancellationToken cancellation)
    {
        using var grace = new CancellationTokenSource(s_grace, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellation);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It takes its time; whoever ends it does not.
        }
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    // Read to its end, so that nobody waits for it, and kept as far as it can be told.
    private static async Task<string> ReadErrorAsync(Stream stream)
    {
        var kept = new byte[ErrorBytes];
        var count = 0;
        try
        {
            var buffer = new byte[1024];
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                var room = Math.Min(read, kept.Length - count);
                buffer.AsSpan(0, room).CopyTo(kept.AsSpan(count));
                count += room;
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // What was read counts.
        }

        return Encoding.UTF8.GetString(kept, 0, count);
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Pushcart.Cli.Demo;

/// <summary>Answers one request by <c>git http-backend</c>, a CGI program (RFC 3875).</summary>
internal sealed class GitCgi(string folder, GitHttpBackendOptions options)
{
    /// <summary>Fails with a sentence for the user where git cannot be run.</summary>
    /// <exception cref="InvalidOperationException">Git is not installed.</exception>
    public static void CheckInstalled()
    {
        using var version = StartGit(new ProcessStartInfo { ArgumentList = { "--version" }, RedirectStandardOutput = true });
        version.WaitForExit();
    }

    /// <summary>Runs it. The program ends when the client goes or <paramref name="cancellation"/> is requested.</summary>
    /// <returns>Bytes of the body that were sent.</returns>
    public async Task<long> RunAsync(HttpListenerContext context, CancellationToken cancellation)
    {
        using var process = StartGit(StartInfo(context.Request));
        try
        {
            // All three at once: git may answer before it has read everything, and stops where nobody reads what it says.
            var reading = SendBodyAsync(context.Request, process, cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var sent = await AnswerAsync(process.StandardOutput.BaseStream, context.Response, cancellation);
            await process.WaitForExitAsync(cancellation);
            await reading;
            await errors;
            return sent;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process StartGit(ProcessStartInfo start)
    {
        start.FileName = "git";
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("git cannot be run; install it, and see that it is on the PATH", exception);
        }
    }

    private ProcessStartInfo StartInfo(HttpListenerRequest request)
    {
        var start = new ProcessStartInfo
        {
            ArgumentList = { "http-backend" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var url = request.Url!;
        var environment = start.Environment;

        // Nobody's own settings count: neither the user's nor those of a git command that this one runs under.
        foreach (var inherited in environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
        {
            environment.Remove(inherited);
        }

        environment["GIT_CONFIG_NOSYSTEM"] = "1";
        environment["GIT_CONFIG_GLOBAL"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        (string Key, string Value)[] settings =
        [
            ("safe.directory", "*"),
            ("uploadpack.allowFilter", options.AllowFilter ? "true" : "false"),
            ("uploadpack.allowAnySHA1InWant", options.AllowAnyCommit ? "true" : "false"),
        ];
        environment["GIT_CONFIG_COUNT"] = settings.Length.ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < settings.Length; i++)
        {
            environment[$"GIT_CONFIG_KEY_{i}"] = settings[i].Key;
            environment[$"GIT_CONFIG_VALUE_{i}"] = settings[i].Value;
        }

        environment["GIT_PROJECT_ROOT"] = folder;
        environment["GIT_HTTP_EXPORT_ALL"] = "1";
        environment["REQUEST_METHOD"] = request.HttpMethod;
        environment["PATH_INFO"] = Uri.UnescapeDataString(url.AbsolutePath);
        environment["QUERY_STRING"] = url.Query.TrimStart('?');
        environment["CONTENT_TYPE"] = request.ContentType ?? "";
        environment["REMOTE_ADDR"] = "127.0.0.1";
        if (request.ContentLength64 >= 0)
        {
            environment["CONTENT_LENGTH"] = request.ContentLength64.ToString(CultureInfo.InvariantCulture);
        }

        if (request.Headers["Content-Encoding"] is { } encoding)
        {
            environment["HTTP_CONTENT_ENCODING"] = encoding;
        }

        if (options.PassProtocol && request.Headers["Git-Protocol"] is { } protocol)
        {
            environment["GIT_PROTOCOL"] = protocol;
        }

        return start;
    }

    private static async Task SendBodyAsync(HttpListenerRequest request, Process process, CancellationToken cancellation)
    {
        try
        {
            await using var input = process.StandardInput.BaseStream;
            await request.InputStream.CopyToAsync(input, cancellation);
        }
        catch (IOException)
        {
            // Git has ended without reading the rest; what it answered tells why.
        }
    }

    private static async Task<long> AnswerAsync(Stream output, HttpListenerResponse response, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var (length, body) = (0, -1);
        while (body < 0)
        {
            var read = length < buffer.Length ? await output.ReadAsync(buffer.AsMemory(length), cancellation) : 0;
            if (read == 0)
            {
                response.StatusCode = 500;
                return 0;
            }

            length += read;
            body = EndOfHeaders(buffer.AsSpan(0, length));
        }

        SetHeaders(Encoding.ASCII.GetString(buffer, 0, body), response);
        response.SendChunked = true;
        var sent = 0L;
        for (var rest = buffer.AsMemory(body..length); ;)
        {
            // An empty chunk would end the answer.
            if (!rest.IsEmpty)
            {
                await response.OutputStream.WriteAsync(rest, cancellation);
                sent += rest.Length;
            }

            var read = await output.ReadAsync(buffer, cancellation);
            if (read == 0)
            {
                return sent;
            }

            rest = buffer.AsMemory(0, read);
        }
    }

    private static int EndOfHeaders(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\r\n\r\n"u8) is var end and >= 0 ? end + 4 : bytes.IndexOf("\n\n"u8) is var bare and >= 0 ? bare + 2 : -1;

    private static void SetHeaders(string headers, HttpListenerResponse response)
    {
        foreach (var line in headers.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = line.Split(':', 2, StringSplitOptions.TrimEntries) is [var n, var v] ? (n, v) : (line, "");
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
            {
                response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                response.ContentType = value;
            }
            else if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                response.AddHeader(name, value);
            }
        }
    }
}

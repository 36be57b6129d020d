using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pushcart.Tests.Support;

/// <summary>A span that was received.</summary>
/// <param name="Trace">Id of its trace, in hexadecimal.</param>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Id of its parent; empty: none.</param>
/// <param name="Name">Its name.</param>
public sealed record ReceivedSpan(string Trace, string Id, string Parent, string Name);

/// <summary>A record of a log that was received.</summary>
/// <param name="Trace">Id of its trace; empty: none.</param>
/// <param name="Body">Its text.</param>
/// <param name="Attributes">Names of its attributes.</param>
public sealed record ReceivedLog(string Trace, string Body, IReadOnlyList<string> Attributes);

/// <summary>
/// Receives OTLP as http/protobuf (opentelemetry-proto, collector v1), and reads as much of it as tests ask for: a message is a list of numbered fields, and those with a length are texts, ids or
/// messages again.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<(string Path, byte[] Body)> _received = [];
    private readonly Task _running;

    /// <summary>Listens on a free port.</summary>
    public OtlpReceiver()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _running = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>All spans so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => [.. Of("/v1/traces").SelectMany(body => Within(body, 1, 2, 2)).Select(span => new ReceivedSpan(Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5)))];

    /// <summary>Names of all metrics so far.</summary>
    public IReadOnlySet<string> Metrics => Of("/v1/metrics").SelectMany(body => Within(body, 1, 2, 2)).Select(metric => Text(metric, 1)).ToHashSet();

    /// <summary>All records so far.</summary>
    public IReadOnlyList<ReceivedLog> Logs => [.. Of("/v1/logs").SelectMany(body => Within(body, 1, 2, 2))
        .Select(log => new ReceivedLog(Hex(log, 9), Text(Within(log, 5).FirstOrDefault(), 1), [.. Within(log, 6).Select(a => Text(a, 1))]))];

    /// <summary>Names and texts of what is said of who sends.</summary>
    public IReadOnlySet<(string Name, string Value)> Resource =>
        Of("/v1/traces").SelectMany(body => Within(body, 1, 1, 1)).Select(a => (Text(a, 1), Text(Within(a, 2).FirstOrDefault(), 1))).ToHashSet();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _running;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            lock (_lock)
            {
                _received.Add((context.Request.Url!.AbsolutePath, body.ToArray()));
            }

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }

    private List<ReadOnlyMemory<byte>> Of(string path)
    {
        lock (_lock)
        {
            return [.. _received.Where(r => r.Path == path).Select(r => new ReadOnlyMemory<byte>(r.Body))];
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Within(ReadOnlyMemory<byte> message, params int[] path) =>
        path.Aggregate((IEnumerable<ReadOnlyMemory<byte>>)[message], (all, field) => all.SelectMany(m => Fields(m).Where(f => f.Number == field).Select(f => f.Bytes)));

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Within(message, field).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Within(message, field).FirstOrDefault().Span);

    // https://protobuf.dev/programming-guides/encoding/: a tag is field << 3 | type; 0 a varint, 1 eight bytes, 2 a length and as many bytes, 5 four bytes.
    private static List<(int Number, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message.Span, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    fields.Add(((int)(tag >> 3), message.Slice(at, length)));
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"no type of protobuf: {tag & 7}");
            }
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}

using System.Globalization;
using System.Text;

using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>Logs of pods: bytes as the container wrote them, not JSON.</summary>
internal sealed class KubeLogs(KubeRequests requests, KubeLimits limits)
{
    public Task<KubeAnswer<string>> TailAsync(KubeLog log, int lines, int bytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lines);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);

        // limitBytes counts from the first of the lines, not from the end, so that it only bounds what is read.
        var request = Request(log, follow: false, lines, Math.Max(limits.LogBytes, bytes));
        return requests.RepeatAsync<string>(
            request,
            async (response, ended) =>
            {
                var stream = await response.Content.ReadAsStreamAsync(ended).ConfigureAwait(false);
                return await TailAsync(stream, bytes, ended).ConfigureAwait(false);
            },
            cancellation);
    }

    public Task<KubeAnswer<Stream>> OpenAsync(KubeLog log, bool follow, int? lines, long? limitBytes, CancellationToken cancellation) =>
        requests.RepeatAsync<Stream>(
            Request(log, follow, lines, limitBytes),
            async (response, _) => new OwnedStream(response, await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), cancellation),
            cancellation,
            keep: true);

    private static KubeRequest Request(KubeLog log, bool follow, int? lines, long? limitBytes)
    {
        var query = new List<(string, string)>();
        Add("container", log.Container);
        Add("follow", follow ? "true" : null);
        Add("previous", log.Previous ? "true" : null);
        Add("tailLines", lines?.ToString(CultureInfo.InvariantCulture));
        Add("limitBytes", limitBytes?.ToString(CultureInfo.InvariantCulture));
        var container = log.Container is null ? "" : $" of container {Wording.Quote(log.Container)}";
        return new KubeRequest(
            HttpMethod.Get,
            KubeResource.Pods.Path(log.Namespace, log.Pod) + "/log",
            $"read the log{container} of pod {Wording.Quote(log.Pod)} in namespace {Wording.Quote(log.Namespace)}")
        {
            Query = query,
            Accept = "*/*",
        };

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add((name, value));
            }
        }
    }

    private static async Task<string> TailAsync(Stream stream, int bytes, CancellationToken cancellation)
    {
        // A ring of the last bytes.
        var ring = new byte[bytes];
        var buffer = new byte[16 * 1024];
        var total = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            for (var from = Math.Max(0, read - bytes); from < read;)
            {
                var at = (int)((total + from) % bytes);
                var count = Math.Min(read - from, bytes - at);
                buffer.AsSpan(from, count).CopyTo(ring.AsSpan(at));
                from += count;
            }

            total += read;
        }

        if (total <= bytes)
        {
            return Encoding.UTF8.GetString(ring, 0, (int)total);
        }

        var start = (int)(total % bytes);
        byte[] tail = [.. ring.AsSpan(start), .. ring.AsSpan(0, start)];

        // The rest of a character whose beginning is cut off: at most three bytes.
        var first = 0;
        while (first < Math.Min(3, tail.Length) && (tail[first] & 0xC0) == 0x80)
        {
            first++;
        }

        return Encoding.UTF8.GetString(tail, first, tail.Length - first);
    }
}

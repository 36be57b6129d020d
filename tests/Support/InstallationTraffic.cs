using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Pushcart.Tests.Support;

/// <summary>One operation on storage.</summary>
/// <param name="Kind"><c>read</c> (one row), <c>query</c>, <c>write</c> (one row or a transaction), <c>send</c>, <c>length</c>, <c>create</c>; the host's own <c>receive</c> and <c>delete</c> of messages.</param>
/// <param name="Name">Short name of the table or queue.</param>
public sealed record StorageOperation(string Kind, string Name)
{
    /// <summary>True for what only looks.</summary>
    public bool IsRead => Kind is "read" or "query" or "length";

    /// <summary>True for a write of rows.</summary>
    public bool IsWrite => Kind == "write";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>Thrown where a test lets a process die.</summary>
public sealed class ProcessDiedException() : Exception("the process died here");

/// <summary>Stands below a process's storage clients: counts what they do, and lets a test step in.</summary>
/// <param name="prefix">The installation's prefix.</param>
/// <param name="inner">What reaches storage.</param>
public sealed partial class InstallationTraffic(string prefix, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentQueue<StorageOperation> _operations = new();

    /// <summary>Runs before an operation reaches storage.</summary>
    public Func<StorageOperation, Task>? Before { get; set; }

    /// <summary>Runs after storage has done it, before the product hears of it.</summary>
    public Func<StorageOperation, Task>? After { get; set; }

    /// <summary>What was done since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<StorageOperation> Operations => [.. _operations];

    /// <summary>Forgets what was counted.</summary>
    public void Clear() => _operations.Clear();

    /// <summary>Counts what a host does, whose part a test plays.</summary>
    public void Note(string kind, string name) => _operations.Enqueue(new(kind, name));

    /// <summary>The operations by kind, for messages: <c>4 operations: 2 read live, …</c>.</summary>
    public string Describe() => Describe(Operations);

    /// <summary>Some operations by kind.</summary>
    public static string Describe(IReadOnlyCollection<StorageOperation> operations) =>
        $"{operations.Count} operations: {string.Join(", ", operations.GroupBy(o => o).OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}"))}";

    /// <summary>Dies at the first operation of a kind.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="name">Table or queue.</param>
    /// <param name="done">True: storage has done it by then.</param>
    public void DieAt(string kind, string name, bool done = false)
    {
        Task Die(StorageOperation operation)
        {
            if (operation.Kind != kind || operation.Name != name)
            {
                return Task.CompletedTask;
            }

            (Before, After) = (null, null);
            throw new ProcessDiedException();
        }

        Before = done ? null : Die;
        After = done ? Die : null;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var operation = await OfAsync(request, cancellationToken);
        _operations.Enqueue(operation);
        if (Before is { } before)
        {
            await before(operation);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (After is { } after)
        {
            await after(operation);
        }

        return response;
    }

    private async Task<StorageOperation> OfAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath);
        if (path.EndsWith("/$batch", StringComparison.Ordinal))
        {
            await request.Content!.LoadIntoBufferAsync(cancellation);
            return new("write", Name(await request.Content.ReadAsStringAsync(cancellation)));
        }

        if (path.EndsWith("/messages", StringComparison.Ordinal))
        {
            return new("send", Name(path));
        }

        if (path.EndsWith("/Tables", StringComparison.Ordinal))
        {
            return new("create", "tables");
        }

        return new(
            request.RequestUri.Query.Contains("comp=metadata", StringComparison.Ordinal) ? "length"
                : request.Method == HttpMethod.Get ? path.EndsWith("()", StringComparison.Ordinal) ? "query" : "read"
                : path.Contains('(', StringComparison.Ordinal) || request.Method == HttpMethod.Post ? "write"
                : "create",
            Name(path));
    }

    private string Name(string text)
    {
        var at = text.IndexOf("/" + prefix, StringComparison.Ordinal);
        return at < 0 ? "?" : Word().Match(text, at + 1 + prefix.Length).Value;
    }

    [GeneratedRegex("[a-z-]+")]
    private static partial Regex Word();
}

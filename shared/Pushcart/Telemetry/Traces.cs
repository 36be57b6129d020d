using System.Diagnostics;

namespace Pushcart.Telemetry;

/// <summary>
/// Spans that follow an event from the request that brought it to the end of its job. Between processes its context travels in rows and messages, in the form of W3C's <c>traceparent</c>.
/// Where nobody listens, and no request came with a context, there are no spans and no ids: nothing is drawn, so that a simulation stays as it is.
/// </summary>
public static class Traces
{
    /// <summary>Name of the source of spans.</summary>
    public const string SourceName = "Pushcart";

    // Tells our spans from those that frameworks make around them, also where nobody listens.
    private const string Prefix = "pushcart.";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>The context that goes on from here, as <c>traceparent</c> has it (55 characters); null where there is none.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } span && span.OperationName.StartsWith(Prefix, StringComparison.Ordinal) ? span.Id : null;

    /// <summary>Begins a span, to be disposed at its end. Until then it is what <see cref="Current"/> tells.</summary>
    /// <param name="name">What is done: one of a few words.</param>
    /// <param name="parent">The context that it goes on from; null, or none that can be read: that of the caller's own span, or a new one.</param>
    /// <param name="kind">Where it stands between processes.</param>
    /// <param name="began">When it began; null: now.</param>
    /// <param name="others">Contexts that it belongs to as well.</param>
    public static Activity? Begin(string name, string? parent, ActivityKind kind = ActivityKind.Internal, DateTimeOffset? began = null, IEnumerable<string?>? others = null)
    {
        var known = ActivityContext.TryParse(parent, null, isRemote: true, out var context);
        if (s_source.HasListeners())
        {
            if (!known && Current is null)
            {
                // A framework's own span around this one is seen by nobody: this one begins a trace.
                Activity.Current = null;
            }

            var links = others?.Select(other => ActivityContext.TryParse(other, null, isRemote: true, out var link) ? new ActivityLink(link) : default).Where(link => link.Context != default).ToList();
            if (s_source.StartActivity(Prefix + name, kind, known ? context : default, tags: null, links, began ?? default) is { } span)
            {
                return span;
            }
        }

        // Nobody listens, but somebody upstream does: the context goes on, and logs show it.
        return known ? new Activity(Prefix + name) { ActivityTraceFlags = context.TraceFlags }.SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start() : null;
    }

    /// <summary>Tells of something that is over.</summary>
    /// <param name="name">What was done.</param>
    /// <param name="parent">The context that it belongs to; null: none, and nothing is told.</param>
    /// <param name="began">When it began.</param>
    /// <param name="ended">When it ended.</param>
    /// <param name="failed">Why it failed; null: it did not.</param>
    /// <param name="tags">What else is known of it.</param>
    public static void Tell(string name, string? parent, DateTimeOffset began, DateTimeOffset ended, string? failed, params ReadOnlySpan<(string Name, object? Value)> tags)
    {
        if (parent is null || !s_source.HasListeners())
        {
            return;
        }

        var around = Activity.Current;
        using (var span = Begin(name, parent, ActivityKind.Internal, began))
        {
            foreach (var (tag, value) in tags)
            {
                span?.SetTag(tag, value);
            }

            if (failed is not null)
            {
                span?.SetStatus(ActivityStatusCode.Error, failed);
            }

            span?.SetEndTime(ended.UtcDateTime);
        }

        Activity.Current = around;
    }
}

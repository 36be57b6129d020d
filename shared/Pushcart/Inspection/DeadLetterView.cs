using System.Diagnostics.CodeAnalysis;

namespace Pushcart.Inspection;

/// <summary>A page of dead letters.</summary>
/// <param name="Dead">Newest first.</param>
/// <param name="Next">Opaque; asks for the next page. Null at the end.</param>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> Dead, string? Next);

/// <summary>A message that could not be read, with the reason and what to do.</summary>
public sealed record DeadLetterView : MessageContent
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The queue that it was sent to, <c>checks</c> or <c>jobs</c>, and that it is sent to again.</summary>
    public required string Queue { get; init; }

    /// <summary>When it was kept; 30 days later it is deleted.</summary>
    [StringSyntax("date-time")]
    public required string At { get; init; }

    /// <summary>Why it could not be read.</summary>
    public required string Reason { get; init; }

    /// <summary>True where this version can read it, so that it may be sent again; else it would come back.</summary>
    public required bool Readable { get; init; }

    /// <summary>What to do, for a person.</summary>
    public required string Advice { get; init; }
}

/// <summary>A dead letter that was sent again.</summary>
/// <param name="Id">The id that it had.</param>
/// <param name="Queue">The queue that it was sent to.</param>
/// <param name="Message">What follows, for a person.</param>
public sealed record SentAgain(string Id, string Queue, string Message);

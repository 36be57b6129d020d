namespace Pushcart;

/// <summary>The codes of refusals, each beside its HTTP status.</summary>
public static class RefusalCodes
{
    /// <summary>The body is larger than its endpoint takes.</summary>
    public static RefusalCode BodyTooLarge { get; } = new("body.too_large", 413);

    /// <summary>The body is no UTF-8, no JSON, or has fields that are unknown, missing or of another form.</summary>
    public static RefusalCode BodyInvalid { get; } = new("body.invalid", 400);

    /// <summary>A parameter of the query has not the form of one.</summary>
    public static RefusalCode QueryInvalid { get; } = new("query.invalid", 400);

    /// <summary>Manifests break rules; all of them are told.</summary>
    public static RefusalCode ManifestsInvalid { get; } = new("manifests.invalid", 400);

    /// <summary>What is sent belongs where the caller may not act.</summary>
    public static RefusalCode Elsewhere { get; } = new("resources.elsewhere", 404);

    /// <summary>More documents change than one transaction takes.</summary>
    public static RefusalCode TooManyChanges { get; } = new("apply.too_many_changes", 413);

    /// <summary>What changes is larger than one transaction takes.</summary>
    public static RefusalCode ChangesTooLarge { get; } = new("apply.too_large", 413);

    /// <summary>Others change resources all the time.</summary>
    public static RefusalCode Busy { get; } = new("apply.busy", 409);

    /// <summary>There is no such kind, or its names have another form.</summary>
    public static RefusalCode KindUnknown { get; } = new("resources.unknown_kind", 404);

    /// <summary>There is no such resource.</summary>
    public static RefusalCode ResourceNotFound { get; } = new("resources.not_found", 404);

    /// <summary>Others name the resource.</summary>
    public static RefusalCode ResourceInUse { get; } = new("resources.in_use", 409);

    /// <summary>The kind is not that of a trigger.</summary>
    public static RefusalCode NoTriggerKind { get; } = new("triggers.unknown_kind", 404);

    /// <summary>The trigger has no source of that name.</summary>
    public static RefusalCode NoSuchSource { get; } = new("triggers.no_such_source", 404);

    /// <summary>The trigger cannot be used by this version.</summary>
    public static RefusalCode TriggerUnusable { get; } = new("triggers.unusable", 409);

    /// <summary>There is no such job.</summary>
    public static RefusalCode JobNotFound { get; } = new("jobs.not_found", 404);

    /// <summary>The <c>Idempotency-Key</c> was used for another request.</summary>
    public static RefusalCode OtherRequest { get; } = new("idempotency.other_request", 422);

    /// <summary>The <c>Idempotency-Key</c> is too long.</summary>
    public static RefusalCode KeyInvalid { get; } = new("idempotency.invalid_key", 400);

    /// <summary>The token of a page is not one that this list has answered.</summary>
    public static RefusalCode NextInvalid { get; } = new("jobs.invalid_next", 400);

    /// <summary>There is no queue of that name.</summary>
    public static RefusalCode QueueUnknown { get; } = new("queues.unknown", 404);

    /// <summary>There is no such dead letter.</summary>
    public static RefusalCode DeadLetterNotFound { get; } = new("dead.not_found", 404);

    /// <summary>The token of a page is not one that the list of dead letters has answered.</summary>
    public static RefusalCode DeadNextInvalid { get; } = new("dead.invalid_next", 400);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        BodyTooLarge, BodyInvalid, QueryInvalid, ManifestsInvalid, Elsewhere, TooManyChanges, ChangesTooLarge, Busy, KindUnknown, ResourceNotFound, ResourceInUse,
        NoTriggerKind, NoSuchSource, TriggerUnusable, JobNotFound, OtherRequest, KeyInvalid, NextInvalid, QueueUnknown,
        DeadLetterNotFound, DeadNextInvalid,
    ];
}

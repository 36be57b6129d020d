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

    /// <summary>The job has ended.</summary>
    public static RefusalCode JobEnded { get; } = new("jobs.ended", 409);

    /// <summary>There is no output of the job.</summary>
    public static RefusalCode NoLog { get; } = new("jobs.no_log", 404);

    /// <summary>The action that a job needs is gone, or cannot be used.</summary>
    public static RefusalCode ActionMissing { get; } = new("action.missing", 409);

    /// <summary>A source that a job needs is gone, or cannot be used.</summary>
    public static RefusalCode SourceMissing { get; } = new("source.missing", 409);

    /// <summary>Git did not tell a commit.</summary>
    public static RefusalCode GitUnreachable { get; } = new("git.unreachable", 502);

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

    /// <summary>There is no such token.</summary>
    public static RefusalCode TokenNotFound { get; } = new("tokens.not_found", 404);

    /// <summary>A token has no description.</summary>
    public static RefusalCode TokenUndescribed { get; } = new("tokens.description_missing", 400);

    /// <summary>What a token is to be is wrong.</summary>
    public static RefusalCode TokenInvalid { get; } = new("tokens.invalid", 400);

    /// <summary>Others change the token all the time.</summary>
    public static RefusalCode TokenChanging { get; } = new("tokens.changing", 409);

    /// <summary>The token of a page is not one that the list of tokens has answered.</summary>
    public static RefusalCode TokenNextInvalid { get; } = new("tokens.invalid_next", 400);

    /// <summary>The body is no JSON object.</summary>
    public static RefusalCode RequestInvalid { get; } = new("request.invalid", 400);

    /// <summary>There is no such worker.</summary>
    public static RefusalCode WorkerNotFound { get; } = new("workers.not_found", 404);

    /// <summary>The worker has registered already.</summary>
    public static RefusalCode WorkerExists { get; } = new("workers.exists", 409);

    /// <summary>Others change the worker all the time.</summary>
    public static RefusalCode WorkerChanging { get; } = new("workers.changing", 409);

    /// <summary>The token is another worker's.</summary>
    public static RefusalCode OtherWorkerName { get; } = new("workers.other_name", 403);

    /// <summary>The name is that of a registered worker, for which a service token will not do.</summary>
    public static RefusalCode RegisteredName { get; } = new("workers.registered_name", 403);

    /// <summary>Only registered workers may claim.</summary>
    public static RefusalCode RegistrationRequired { get; } = new("workers.registration_required", 403);

    /// <summary>The registration token was used.</summary>
    public static RefusalCode RegistrationUsed { get; } = new("workers.token_used", 401);

    /// <summary>The worker was deleted, or is to register anew.</summary>
    public static RefusalCode WorkerGone { get; } = new("workers.gone", 401);

    /// <summary>A worker that was away is not let in again.</summary>
    public static RefusalCode RejoinRefused { get; } = new("workers.rejoin_refused", 401);

    /// <summary>Another live process has the name.</summary>
    public static RefusalCode WorkerInUse { get; } = new("workers.in_use", 409);

    /// <summary>The worker has not checked in, so it claims nothing.</summary>
    public static RefusalCode NotCheckedIn { get; } = new("workers.not_checked_in", 409);

    /// <summary>The claim is not the worker's, or not in a state for this; the reason says which.</summary>
    public static RefusalCode ClaimConflict { get; } = new("workers.claim_conflict", 409);

    /// <summary>Progress is told too often.</summary>
    public static RefusalCode ProgressTooOften { get; } = new("workers.too_often", 429);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        BodyTooLarge, BodyInvalid, QueryInvalid, ManifestsInvalid, Elsewhere, TooManyChanges, ChangesTooLarge, Busy, KindUnknown, ResourceNotFound, ResourceInUse, NoTriggerKind,
        NoSuchSource, TriggerUnusable, JobNotFound, JobEnded, NoLog, ActionMissing, SourceMissing, GitUnreachable, OtherRequest, KeyInvalid, NextInvalid, QueueUnknown, DeadLetterNotFound, DeadNextInvalid, TokenNotFound, TokenUndescribed, TokenInvalid, TokenChanging, TokenNextInvalid, RequestInvalid, WorkerNotFound, WorkerExists, WorkerChanging,
        OtherWorkerName, RegisteredName, RegistrationRequired, RegistrationUsed, WorkerGone, RejoinRefused, WorkerInUse, NotCheckedIn, ClaimConflict, ProgressTooOften,
    ];
}

namespace Pushcart.Resources.Stored;

/// <summary>What an apply did.</summary>
/// <param name="Created">New resources.</param>
/// <param name="Changed">Resources that were changed.</param>
/// <param name="Unchanged">Resources that were as the manifests say.</param>
/// <param name="Deleted">Resources that went.</param>
/// <param name="Errors">Why nothing was done.</param>
public sealed record ApplyResult(
    IReadOnlyList<Resource> Created,
    IReadOnlyList<Resource> Changed,
    IReadOnlyList<Resource> Unchanged,
    IReadOnlyList<Resource> Deleted,
    IReadOnlyList<string> Errors)
{
    /// <summary>What kind of reason <see cref="Errors"/> tells.</summary>
    public ApplyFailure Failure { get; init; }

    /// <summary>Who names the resource that was to be deleted, where that is the reason.</summary>
    public IReadOnlyList<ResourceName> UsedBy { get; init; } = [];

    /// <summary>What a person should know although nothing is wrong.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal static ApplyResult Failed(ApplyFailure failure, params IReadOnlyList<string> errors) => new([], [], [], [], errors) { Failure = failure };
}

/// <summary>Why an apply did nothing.</summary>
public enum ApplyFailure
{
    /// <summary>It did what was asked.</summary>
    None,

    /// <summary>What was asked breaks a rule.</summary>
    Invalid,

    /// <summary>More resources change than one transaction takes.</summary>
    TooManyChanges,

    /// <summary>What changes is larger than one transaction takes.</summary>
    TooLarge,

    /// <summary>Others change resources all the time.</summary>
    Busy,

    /// <summary>The resource that was to be changed or deleted is not there.</summary>
    NotFound,

    /// <summary>The resource that was to be deleted is named by others.</summary>
    InUse,
}

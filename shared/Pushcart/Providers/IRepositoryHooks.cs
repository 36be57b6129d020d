namespace Pushcart.Providers;

/// <summary>The webhooks of a provider's repositories, as Pushcart manages them.</summary>
public interface IRepositoryHooks
{
    /// <summary>Name of the provider, as in the address of its webhooks: <c>hooks/github</c>.</summary>
    string Provider { get; }

    /// <summary>True where the repository is this provider's.</summary>
    /// <param name="repository">Address of the repository, in any form.</param>
    bool Manages(string repository);

    /// <summary>Reads one.</summary>
    Task<ProviderAnswer<ProviderHook>> FindAsync(string repository, long id, CancellationToken cancellation);

    /// <summary>Reads all of a repository.</summary>
    Task<ProviderAnswer<IReadOnlyList<ProviderHook>>> ListAsync(string repository, CancellationToken cancellation);

    /// <summary>Makes one. <see cref="ProviderResult.Exists"/> where there is one like it.</summary>
    Task<ProviderAnswer<ProviderHook>> CreateAsync(string repository, HookTarget target, CancellationToken cancellation);

    /// <summary>Makes one as it is to be, its secret included.</summary>
    Task<ProviderAnswer<ProviderHook>> RepairAsync(string repository, long id, HookTarget target, CancellationToken cancellation);

    /// <summary>Deletes one.</summary>
    Task<ProviderAnswer> DeleteAsync(string repository, long id, CancellationToken cancellation);

    /// <summary>Reads the deliveries of a hook that were made after an instant, newest first.</summary>
    Task<ProviderAnswer<IReadOnlyList<HookDelivery>>> DeliveriesAsync(string repository, long id, DateTimeOffset after, CancellationToken cancellation);

    /// <summary>Asks for a delivery again.</summary>
    Task<ProviderAnswer> RedeliverAsync(string repository, long id, long delivery, CancellationToken cancellation);
}

/// <summary>What a managed webhook is to be. What it is told is the provider's own: its pushes.</summary>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Secret">What they are signed with.</param>
public sealed record HookTarget(string Url, string Secret)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => Url;
}

/// <summary>A webhook as it is.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Url">Where deliveries go; null where it says nothing.</param>
/// <param name="AsItShouldBe">True where all but its address and its secret's value is as a managed one's: what it is told, that it is active, that it has a secret.</param>
public sealed record ProviderHook(long Id, string? Url, bool AsItShouldBe);

/// <summary>A delivery of a webhook.</summary>
/// <param name="Id">The provider's id of this attempt.</param>
/// <param name="Event">The provider's id of the event: the attempts of one share it.</param>
/// <param name="At">When it was made.</param>
/// <param name="StatusCode">What we answered; 0 where nothing was.</param>
/// <param name="Succeeded">True where it arrived.</param>
/// <param name="IsRedelivery">True where somebody asked for it again.</param>
public sealed record HookDelivery(long Id, string Event, DateTimeOffset At, int StatusCode, bool Succeeded, bool IsRedelivery);

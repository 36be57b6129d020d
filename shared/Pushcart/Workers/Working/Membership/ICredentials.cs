using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;

namespace Pushcart.Workers.Working.Membership;

/// <summary>How the worker proves who it is.</summary>
public interface ICredentials : ITokens
{
    /// <summary>Makes sure that there is a token to show: reads it, registers or rejoins, where that is due.</summary>
    /// <param name="about">What the worker is.</param>
    /// <param name="cancellation">Ends it, by an exception.</param>
    Task<Preparation> PrepareAsync(WorkerAbout about, CancellationToken cancellation);

    /// <summary>Draws the next token, and keeps it before it is told.</summary>
    /// <returns>Its hash, for the check-in; null where there is none to tell.</returns>
    Task<string?> NextAsync(CancellationToken cancellation);

    /// <summary>A check-in was answered with success.</summary>
    /// <param name="next">True where the server has taken the next token.</param>
    /// <returns>True where another check-in is to follow soon, for the token could not be renewed by this one.</returns>
    bool Accepted(bool next);
}

/// <summary>Whether there is a token to show.</summary>
/// <param name="Paused">Why there is none, for a person: the worker is paused; null where there is one.</param>
/// <param name="Wrong">True where the settings are wrong, and only another start helps.</param>
/// <param name="Terms">What the server has said on the way; null: nothing.</param>
/// <param name="LinkFailed">True where it was asked, and did not answer.</param>
public sealed record Preparation(string? Paused = null, bool Wrong = false, Terms? Terms = null, bool LinkFailed = false);

/// <summary>What the server says of times, and of itself.</summary>
/// <param name="LeaseDuration">How long a claim lasts that is not started.</param>
/// <param name="RenewEvery">How often a started job is renewed.</param>
/// <param name="Installation">Id of the server's installation: a label of every run.</param>
public sealed record Terms(TimeSpan LeaseDuration, TimeSpan RenewEvery, string Installation);

namespace Pushcart.Workers.Working.Link;

/// <summary>The token that is shown to the server.</summary>
public interface ITokens
{
    /// <summary>The token; null where there is none, and the server is not asked.</summary>
    string? Current { get; }

    /// <summary>The server has refused a token (401).</summary>
    /// <param name="used">The one that was shown.</param>
    /// <returns>True where <see cref="Current"/> is another one now, so that asking again makes sense.</returns>
    bool Refused(string used);
}

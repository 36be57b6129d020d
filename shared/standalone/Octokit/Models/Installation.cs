namespace Octokit;

/// <summary>An installation of an App.</summary>
public class Installation
{
    /// <summary>Its id.</summary>
    public long Id { get; private set; }
}

/// <summary>A token of an installation.</summary>
public class AccessToken
{
    /// <summary>For the serializer.</summary>
    public AccessToken()
    {
    }

    /// <summary>A token.</summary>
    public AccessToken(string token, DateTimeOffset expiresAt) => (Token, ExpiresAt) = (token, expiresAt);

    /// <summary>The token.</summary>
    public string Token { get; private set; } = "";

    /// <summary>When it ends.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }
}

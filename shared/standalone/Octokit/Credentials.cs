namespace Octokit;

/// <summary>How a request proves who sends it.</summary>
public enum AuthenticationType
{
    /// <summary>Not at all.</summary>
    Anonymous,

    /// <summary>User name and password.</summary>
    Basic,

    /// <summary>A token: <c>Authorization: Token …</c>.</summary>
    Oauth,

    /// <summary>A signed token: <c>Authorization: Bearer …</c>.</summary>
    Bearer,
}

/// <summary>Credentials. Immutable.</summary>
public class Credentials
{
    /// <summary>No credentials.</summary>
    public static readonly Credentials Anonymous = new();

    private Credentials() => AuthenticationType = AuthenticationType.Anonymous;

    /// <summary>A token.</summary>
    public Credentials(string token)
        : this(token, AuthenticationType.Oauth)
    {
    }

    /// <summary>A token of that type.</summary>
    public Credentials(string token, AuthenticationType authenticationType)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        Password = token;
        AuthenticationType = authenticationType;
    }

    /// <summary>User name; null of tokens.</summary>
    public string? Login { get; }

    /// <summary>The token.</summary>
    public string? Password { get; }

    /// <summary>The type.</summary>
    public AuthenticationType AuthenticationType { get; }
}

/// <summary>Where credentials come from.</summary>
public interface ICredentialStore
{
    /// <summary>The credentials of the next request.</summary>
    Task<Credentials> GetCredentials();
}

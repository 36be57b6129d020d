namespace Pushcart.Standalone.Azurite;

/// <summary>Azurite could not be started. The message is one line for a person, with the next step.</summary>
public sealed class AzuriteException : Exception
{
    /// <summary>Makes the exception without a message of its own.</summary>
    public AzuriteException()
    {
    }

    /// <summary>Makes the exception.</summary>
    public AzuriteException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public AzuriteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

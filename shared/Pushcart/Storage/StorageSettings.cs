using Pushcart.Settings;

namespace Pushcart.Storage;

/// <summary>How storage is reached.</summary>
public sealed record StorageSettings
{
    /// <summary>Begins the name of every table and queue, so that several installations share an account. Default <c>pushcart</c>; 3 to 20 lower-case letters and digits, a letter first.</summary>
    [Setting("Storage:Prefix")]
    public string Prefix { get; init; } = "pushcart";

    /// <summary>Whether <see cref="Prefix"/> can begin names of tables and queues.</summary>
    public bool HasValidPrefix => Prefix.Length is >= 3 and <= 20 && char.IsAsciiLetterLower(Prefix[0]) && Prefix.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    /// <summary>How long one try of a call may take. Default 5 s.</summary>
    [Setting("Storage:TryTimeout", Minimum = "1s", Maximum = "30s")]
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a call is tried. Default 3. With <see cref="TryTimeout"/> and <see cref="RetryDelay"/> it bounds how late a write can be: 16 s by default.</summary>
    [Setting("Storage:Tries", Minimum = "1", Maximum = "10")]
    public int Tries { get; init; } = 3;

    /// <summary>The wait between two tries. Default 0.2 s; not a setting, for nothing depends on it but the bound above.</summary>
    public static TimeSpan RetryDelay { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How late a write can be that was given up or not answered: all tries and the waits between them.</summary>
    public TimeSpan LatestWrite => (TryTimeout * Tries) + (RetryDelay * (Tries - 1));
}

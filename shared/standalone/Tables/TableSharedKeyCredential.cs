using System.Security.Cryptography;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>Name and key of a storage account. The key never leaves this object, but as signatures.</summary>
public class TableSharedKeyCredential
{
    private readonly Lock signing = new();
    private IncrementalHash hash;

    /// <summary>An account and one of its keys, in base64.</summary>
    /// <exception cref="FormatException">The key is not base64.</exception>
    public TableSharedKeyCredential(string accountName, string accountKey)
    {
        ArgumentNullException.ThrowIfNull(accountName);
        ArgumentNullException.ThrowIfNull(accountKey);
        AccountName = accountName;
        hash = HashOf(accountKey);
    }

    /// <summary>Name of the account.</summary>
    public string AccountName { get; }

    /// <summary>Puts another key in place, for all clients that share this credential.</summary>
    /// <exception cref="FormatException">The key is not base64.</exception>
    public void SetAccountKey(string accountKey)
    {
        var next = HashOf(accountKey);
        lock (signing)
        {
            (var last, hash) = (hash, next);
            last.Dispose();
        }
    }

    internal string Sign(string text)
    {
        // To set a key up takes longer than to sign, and every request is signed.
        lock (signing)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            return Convert.ToBase64String(hash.GetHashAndReset());
        }
    }

    private static IncrementalHash HashOf(string accountKey) => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(accountKey));
}

using System.Security.Cryptography;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>Name and key of a storage account. The key never leaves this object, but as signatures.</summary>
public class TableSharedKeyCredential
{
    private byte[] key;

    /// <summary>An account and one of its keys, in base64.</summary>
    /// <exception cref="FormatException">The key is not base64.</exception>
    public TableSharedKeyCredential(string accountName, string accountKey)
    {
        ArgumentNullException.ThrowIfNull(accountName);
        ArgumentNullException.ThrowIfNull(accountKey);
        AccountName = accountName;
        key = Convert.FromBase64String(accountKey);
    }

    /// <summary>Name of the account.</summary>
    public string AccountName { get; }

    /// <summary>Puts another key in place, for all clients that share this credential.</summary>
    /// <exception cref="FormatException">The key is not base64.</exception>
    public void SetAccountKey(string accountKey) => Volatile.Write(ref key, Convert.FromBase64String(accountKey));

    internal string Sign(string text) => Convert.ToBase64String(HMACSHA256.HashData(Volatile.Read(ref key), Encoding.UTF8.GetBytes(text)));
}

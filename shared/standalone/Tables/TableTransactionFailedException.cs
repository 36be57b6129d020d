using System.Globalization;

namespace Azure.Data.Tables;

/// <summary>A transaction was refused; nothing of it was done. Status and code are those of the change that failed.</summary>
public class TableTransactionFailedException : RequestFailedException
{
    internal const string FailedEntity = "FailedEntity";

    /// <summary>Takes over status, code, message and data of <paramref name="requestFailedException"/>.</summary>
    public TableTransactionFailedException(RequestFailedException requestFailedException)
        : base(requestFailedException.Status, requestFailedException.Message, requestFailedException.ErrorCode, requestFailedException.InnerException)
    {
        foreach (System.Collections.DictionaryEntry entry in requestFailedException.Data)
        {
            Data[entry.Key] = entry.Value;
        }
    }

    /// <summary>Position of the change that failed, from 0; null where the service did not say.</summary>
    public int? FailedTransactionActionIndex =>
        int.TryParse(Data[FailedEntity] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}

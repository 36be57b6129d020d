using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Storage;

namespace Pushcart.Triggers;

/// <summary>What is known of the managed webhook of a repository: a row of <c>live</c>. Its secret is not: that is derived.</summary>
public sealed record HookState
{
    /// <summary>How the keys of webhooks begin.</summary>
    public const string Prefix = "hook|";

    /// <summary>Key of the row.</summary>
    public required string Key { get; init; }

    /// <summary>Address of the repository, as a source names it.</summary>
    public required string Repository { get; init; }

    /// <summary>Name of the provider; null where none manages the repository.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider's id; null while there is none.</summary>
    public long? HookId { get; init; }

    /// <summary>Where it sends deliveries to.</summary>
    public string? Url { get; init; }

    /// <summary>Period of its secret.</summary>
    public long? Period { get; init; }

    /// <summary>Up to when its deliveries were looked at.</summary>
    public DateTimeOffset? Seen { get; init; }

    /// <summary>Why it is not as it should be; null while all is well.</summary>
    public string? Error { get; init; }

    /// <summary>Version of the row that was seen; default for a row that is not there yet.</summary>
    public ETag ETag { get; init; }

    /// <summary>The key of a repository's row; null where the text is no address of one.</summary>
    /// <param name="repository">Any address of it.</param>
    public static string? KeyOf(string repository) =>
        RepositoryIdentity.Of(repository) is { } identity ? Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity))) : null;

    /// <summary>The change of the row to this state.</summary>
    public Change Write()
    {
        var row = Rows.New(JobRow.Partition, Key);
        row["repository"] = Repository;
        row.SetKnown(("provider", Provider), ("hookId", HookId), ("url", Url), ("period", Period), ("seen", Seen));
        row.SetText("error", Error);
        return ETag == default ? Change.Insert(row) : Change.Replace(row, ETag);
    }

    /// <summary>Reads a row.</summary>
    public static HookState Read(TableEntity row) => new()
    {
        Key = row.RowKey,
        Repository = row.GetRequired("repository"),
        Provider = row.GetString("provider"),
        HookId = row.GetInt64("hookId"),
        Url = row.GetString("url"),
        Period = row.GetInt64("period"),
        Seen = row.GetDateTimeOffset("seen"),
        Error = row.GetText("error"),
        ETag = row.ETag,
    };
}

using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using Pushcart.Settings;

namespace Pushcart.Storage;

/// <summary>
/// Which storage account, and who asks it: a connection string, or the account's name (or addresses) and an identity. The settings are those of Azure Functions, whose own triggers
/// read the same ones. Its text form shows no secret.
/// </summary>
public sealed class StorageConnection
{
    /// <summary>Name of the setting, and of the section with an identity's.</summary>
    public const string Setting = "AzureWebJobsStorage";

    private readonly string? _text;
    private readonly Uri? _tables;
    private readonly Uri? _queues;
    private readonly TokenCredential? _identity;

    /// <summary>An account by its connection string, which is never logged.</summary>
    public StorageConnection(string connectionString) => _text = connectionString;

    /// <summary>An account by the addresses of its services, as an identity.</summary>
    /// <param name="tables">Address of its tables.</param>
    /// <param name="queues">Address of its queues.</param>
    /// <param name="identity">Who asks.</param>
    public StorageConnection(Uri tables, Uri queues, TokenCredential identity) => (_tables, _queues, _identity) = (tables, queues, identity);

    /// <summary>True where roles decide what is allowed. A role that was just given takes minutes until it counts.</summary>
    public bool IsByIdentity => _identity is not null;

    /// <summary>Reads <c>AzureWebJobsStorage</c>, or <c>AzureWebJobsStorage:accountName</c> (or <c>:tableServiceUri</c> and <c>:queueServiceUri</c>) with <c>:clientId</c>.</summary>
    /// <param name="configuration">Where.</param>
    /// <param name="reader">What is wrong is added to its errors.</param>
    /// <param name="identity">The identity of a client id; of null: the process's own.</param>
    /// <returns>The connection; null where it is wrong.</returns>
    public static StorageConnection? Read(IConfiguration configuration, SettingsReader reader, Func<string?, TokenCredential> identity)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(identity);
        var before = reader.Errors.Count;
        if (configuration[Setting] is { Length: > 0 } text)
        {
            reader.Require(
                IsConnectionString(text),
                $"{Setting}: it is no connection string of a storage account; the portal of Azure shows it under Access keys, and for development it is UseDevelopmentStorage=true");
            return reader.Errors.Count > before ? null : new(text);
        }

        var (account, tables, queues) = (configuration[$"{Setting}:accountName"], configuration[$"{Setting}:tableServiceUri"], configuration[$"{Setting}:queueServiceUri"]);
        if (string.IsNullOrEmpty(account) && string.IsNullOrEmpty(tables) && string.IsNullOrEmpty(queues))
        {
            reader.Require(false, $"{Setting}: it is not set; for development set it to UseDevelopmentStorage=true, in local.settings.json or the environment");
            return null;
        }

        var addresses = (Tables: Address(tables, account, "table", reader), Queues: Address(queues, account, "queue", reader));
        return reader.Errors.Count > before ? null
            : new(addresses.Tables!, addresses.Queues!, identity(configuration[$"{Setting}:clientId"] is { Length: > 0 } client ? client : null));
    }

    /// <summary>Shows nothing of the connection string.</summary>
    public override string ToString() => IsByIdentity ? $"{_tables!.Host}, by identity" : "a connection string";

    internal TableServiceClient TablesWith(TableClientOptions options) => _text is not null ? new(_text, options) : new(_tables!, _identity!, options);

    internal QueueServiceClient QueuesWith(QueueClientOptions options) => _text is not null ? new(_text, options) : new(_queues!, _identity!, options);

    /// <summary>Whether a text is a connection string that has tables and queues. What is wrong with it is not told: the clients' messages may show the key.</summary>
    private static bool IsConnectionString(string text)
    {
        try
        {
            return new TableServiceClient(text).Uri.IsAbsoluteUri && new QueueServiceClient(text).Uri.IsAbsoluteUri;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static Uri? Address(string? text, string? account, string service, SettingsReader reader)
    {
        var name = $"{Setting}:{(string.IsNullOrEmpty(text) ? "accountName" : service + "ServiceUri")}";
        text = !string.IsNullOrEmpty(text) ? text : string.IsNullOrEmpty(account) ? null : $"https://{account}.{service}.core.windows.net";
        var valid = Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps;
        reader.Require(
            valid,
            text is null
                ? $"{Setting}:{service}ServiceUri: it is not set, nor is {Setting}:accountName; with an identity either the account's name or the addresses of tables and queues are needed"
                : $"{name}: '{text}' is no https address of a storage account: a token would be sent unencrypted");
        return valid ? address : null;
    }
}

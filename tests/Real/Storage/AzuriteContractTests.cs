using System.Security.Cryptography;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Storage;

/// <summary>Azurite keeps the rules that the services of the simulation keep.</summary>
[Collection("azurite")]
public sealed class AzuriteContractTests(AzuriteFixture azurite) : StorageContract
{
    private readonly string name = "contract" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    protected override async Task<TableClient> NewTableAsync()
    {
        var table = new TableClient(azurite.ConnectionString, name);
        await table.CreateAsync();
        return table;
    }

    protected override async Task<QueueClient> NewQueueAsync()
    {
        var queue = new QueueClient(azurite.ConnectionString, name);
        await queue.CreateAsync();
        return queue;
    }
}

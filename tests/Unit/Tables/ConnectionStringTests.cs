using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

public sealed class ConnectionStringTests
{
    private const string Key = FakeService.Key;

    [Theory]
    [InlineData("UseDevelopmentStorage=true", "devstoreaccount1", "http://127.0.0.1:10002/devstoreaccount1")]
    [InlineData("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite", "devstoreaccount1", "http://azurite:10002/devstoreaccount1")]
    [InlineData($"AccountName=acc;AccountKey={Key};EndpointSuffix=core.windows.net", "acc", "https://acc.table.core.windows.net/")]
    [InlineData($"DefaultEndpointsProtocol=http;AccountName=acc;AccountKey={Key};EndpointSuffix=core.chinacloudapi.cn;", "acc", "http://acc.table.core.chinacloudapi.cn/")]
    [InlineData($"AccountName=acc;AccountKey={Key};TableEndpoint=http://127.0.0.1:1234/acc", "acc", "http://127.0.0.1:1234/acc")]
    public void It_names_account_and_address(string text, string account, string address)
    {
        var service = new TableServiceClient(text);
        Assert.Equal((account, address), (service.AccountName, service.Uri.AbsoluteUri));
    }

    [Theory]
    [InlineData("AccountName=acc;EndpointSuffix=core.windows.net", "AccountKey")]
    [InlineData($"AccountName=acc;AccountKey={Key}!;EndpointSuffix=core.windows.net", "AccountKey")]
    [InlineData($"AccountName=acc;AccountKey={Key};TableEndpoint=nowhere", "TableEndpoint")]
    [InlineData($"TableEndpoint=https://x;SharedAccessSignature={Key}", "SharedAccessSignature")]
    [InlineData("nonsense", "name=value")]
    [InlineData($"AccountKey={Key};AccountKey={Key}", "name=value")]
    public void What_cannot_be_used_is_named_and_the_key_is_not_shown(string text, string named)
    {
        var failed = Assert.Throws<InvalidOperationException>(() => new TableServiceClient(text));
        Assert.Contains(named, failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, failed.ToString(), StringComparison.Ordinal);
    }
}

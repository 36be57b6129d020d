using Microsoft.Azure.Functions.Worker.Hosting;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class HostSettingsTests
{
    private readonly List<string> _faults = [];

    [Fact]
    public void Without_settings_the_documented_defaults_hold()
    {
        var settings = HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "UseDevelopmentStorage=true")), _faults);
        Assert.Empty(_faults);
        Assert.Equal(["http://127.0.0.1:7071"], settings.Urls);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Grace);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.MessageHidden);
        Assert.Empty(settings.TrustedProxies);
        Assert.Null(settings.Certificate);
        Assert.Equal("pushcartticks", settings.TicksTable);
        Assert.Equal(100 * 1024 * 1024, settings.MaxRequestBodySize);
    }

    [Theory]
    [InlineData("http://127.0.0.1:80;http://[::1]:80;http://localhost:80;http://127.1.2.3:80")]
    public void Loopback_addresses_are_accepted(string urls)
    {
        HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:Urls", urls)), _faults);
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("0.0.0.0:7071", "must be an address")]
    [InlineData("ftp://127.0.0.1:7071", "must be an address")]
    [InlineData("http://127.0.0.1:7071/base", "must be an address")]
    public void What_is_no_address_is_refused_with_the_setting_and_a_next_step(string url, string reason)
    {
        HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:Urls", url)), _faults);
        var fault = Assert.Single(_faults);
        Assert.StartsWith($"Host:Urls holds {url}", fault, StringComparison.Ordinal);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://*:8081", null)]
    [InlineData("http://0.0.0.0:8081;http://[::]:8082", null)]
    [InlineData("https://*:8081", "Host:HealthUrls holds https://*:8081: it must be an address like http://*:8081, http and with a port")]
    [InlineData("http://*:0", "Host:HealthUrls holds http://*:0: it must be an address like http://*:8081, http and with a port")]
    [InlineData("http://*:8081/path", "Host:HealthUrls holds http://*:8081/path: it must be an address like http://*:8081, http and with a port")]
    [InlineData("8081", "Host:HealthUrls holds 8081: it must be an address like http://*:8081, http and with a port")]
    [InlineData("http://*:7071", "Host:HealthUrls holds http://*:7071, whose port Host:Urls has too: give it another one, such as http://*:7072")]
    public void Addresses_for_health_alone_may_be_reached_by_others(string urls, string? fault)
    {
        var settings = HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:HealthUrls", urls)), _faults);
        Assert.Equal(fault is null ? [] : [fault], _faults);
        Assert.Equal(urls.Split(';'), settings.HealthUrls);
    }

    [Theory]
    [InlineData("http://0.0.0.0:7071", true)]
    [InlineData("http://*:7071", true)]
    [InlineData("http://+:7071", true)]
    [InlineData("http://[::]:7071", true)]
    [InlineData("http://192.168.0.7:7071", true)]
    [InlineData("http://example.com", true)]
    [InlineData("https://0.0.0.0:7443", false)]
    [InlineData("http://127.0.0.1:7071", false)]
    [InlineData("http://127.1.2.3:80", false)]
    [InlineData("http://[::1]:7071", false)]
    [InlineData("http://localhost:7071", false)]
    public void An_address_that_others_reach_unencrypted_is_open(string url, bool open) => Assert.Equal(open, HostAddresses.IsOpen(url));

    [Theory]
    [InlineData("http://0.0.0.0:7071;http://*:7072;http://192.168.0.7:7073")]
    public void Addresses_that_others_reach_are_accepted(string urls)
    {
        HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:Urls", urls)), _faults);
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("https://127.0.0.1:7443", null, null, "Host:Urls holds https://127.0.0.1:7443, but Host:Certificate is not set: set")]
    [InlineData("https://127.0.0.1:7443", "/none/c.pem", null, "Host:Urls holds https://127.0.0.1:7443, but Host:CertificateKey is not set: set")]
    [InlineData("https://127.0.0.1:7443", "/none/c.pem", "/none/k.pem", "the files of Host:Certificate, /none/c.pem, and Host:CertificateKey, /none/k.pem, cannot be used: ")]
    [InlineData("http://127.0.0.1:7071", "/none/c.pem", "/none/k.pem", "Host:Certificate is set, but no address of Host:Urls is https")]
    public void A_certificate_and_an_https_address_belong_together(string url, string? certificate, string? key, string fault)
    {
        HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:Urls", url), ("Host:Certificate", certificate), ("Host:CertificateKey", key)), _faults);
        Assert.StartsWith(fault, Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Trusted_proxies_are_addresses_and_networks()
    {
        var settings = HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:TrustedProxies", "127.0.0.1, 10.0.0.0/8;fd00::/8")), _faults);
        Assert.Empty(_faults);
        Assert.Equal(["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"], settings.TrustedProxies.Select(one => one.ToString()));
        HostSettings.Read(Settings.Of(("AzureWebJobsStorage", "x"), ("Host:TrustedProxies", "10.0.0.0/33")), _faults);
        Assert.StartsWith("Host:TrustedProxies holds 10.0.0.0/33: it must be an address", Assert.Single(_faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_fault_is_told()
    {
        HostSettings.Read(Settings.Of(("Host:Grace", "soon"), ("Storage:Prefix", "a-b"), ("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "big")), _faults);
        Assert.Collection(
            _faults,
            fault => Assert.Contains("AzureWebJobsStorage is not set", fault, StringComparison.Ordinal),
            fault => Assert.Contains("Host:Grace is soon", fault, StringComparison.Ordinal),
            fault => Assert.Contains("Storage:Prefix makes the name a-bticks", fault, StringComparison.Ordinal),
            fault => Assert.Contains("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is big", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Host_json_is_read_and_settings_override_it()
    {
        var folder = Directory.CreateTempSubdirectory("pushcart-hostjson-");
        try
        {
            File.WriteAllText(
                Path.Combine(folder.FullName, "host.json"),
                """{ "extensions": { "http": { "routePrefix": "v1" }, "queues": { "batchSize": 8, "maxDequeueCount": 2, "visibilityTimeout": "00:00:30", "messageEncoding": "none" } } }""");
            var file = HostJson.Load(folder.FullName, Settings.Of(("AzureFunctionsJobHost:extensions:queues:maxDequeueCount", "7")));
            var json = HostJson.Read(file, _faults);
            Assert.Empty(_faults);
            Assert.Equal("v1", json.RoutePrefix);
            Assert.Equal((8, 4, 7, false), (json.Queues.BatchSize, json.Queues.NewBatchThreshold, json.Queues.MaxDequeueCount, json.Queues.Base64));
            Assert.Equal(TimeSpan.FromSeconds(30), json.Queues.VisibilityTimeout);
            Assert.Equal(TimeSpan.FromMinutes(1), json.Queues.MaxPollingInterval);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Values_of_host_json_out_of_range_are_faults()
    {
        HostJson.Read(
            Settings.Of(("extensions:queues:batchSize", "33"), ("extensions:queues:maxPollingInterval", "00:00:00"), ("extensions:queues:messageEncoding", "utf8")),
            _faults);
        Assert.Equal(3, _faults.Count);
        Assert.Contains("batchSize is 33: it must be a number from 1 to 32", _faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Local_settings_are_read_with_double_underscores_as_sections()
    {
        var folder = Directory.CreateTempSubdirectory("pushcart-localsettings-");
        try
        {
            var path = Path.Combine(folder.FullName, "local.settings.json");
            File.WriteAllText(path, """{ "IsEncrypted": false, "Values": { "Poll__Schedule": "0 * * * * *", "On": true, } } // a comment""");
            var values = LocalSettings.Read(_faults, folder.FullName);
            Assert.Equal("0 * * * * *", values["Poll:Schedule"]);
            Assert.Equal("True", values["On"]);
            Assert.Empty(_faults);

            File.WriteAllText(path, """{ "Values": """);
            Assert.Empty(LocalSettings.Read(_faults, folder.FullName));
            Assert.Contains("is not valid JSON", Assert.Single(_faults), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

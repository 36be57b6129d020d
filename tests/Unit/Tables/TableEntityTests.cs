using System.Net;
using Azure;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

public sealed class TableEntityTests
{
    private static readonly DateTimeOffset instant = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task What_the_service_sends_has_the_types_that_it_names()
    {
        var service = new FakeService(_ => FakeService.Answer(HttpStatusCode.OK, """
            {"odata.metadata":"https://x/$metadata#jobs/@Element","odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"r","Timestamp":"2030-01-02T03:04:05Z",
             "I":5,"D":5.0,"E":1e3,"L@odata.type":"Edm.Int64","L":"5","Whole@odata.type":"Edm.Double","Whole":5,"NaN@odata.type":"Edm.Double","NaN":"NaN",
             "B@odata.type":"Edm.Binary","B":"AQI=","G@odata.type":"Edm.Guid","G":"11111111-2222-3333-4444-555555555555",
             "T@odata.type":"Edm.DateTime","T":"2030-01-02T03:04:05Z","S":"2030-01-02T03:04:05Z","Y":true,"N":null}
            """));
        var row = (await service.Table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal((5, 5.0, 1000.0, 5L, 5.0, double.NaN), (row.GetInt32("I"), row.GetDouble("D"), row.GetDouble("E"), row.GetInt64("L"), row.GetDouble("Whole"), row.GetDouble("NaN")));
        Assert.Equal([1, 2], row.GetBinary("B")!);
        Assert.Equal(Guid.Parse("11111111-2222-3333-4444-555555555555"), row.GetGuid("G"));
        Assert.Equal((instant, instant.UtcDateTime, instant), (row.GetDateTimeOffset("T"), row.GetDateTime("T"), row.Timestamp));
        Assert.Equal(("2030-01-02T03:04:05Z", true, null, null), (row.GetString("S"), row.GetBoolean("Y"), row["N"], row.GetString("None")));
        Assert.Equal(("p", "r", new ETag("W/\"1\"")), (row.PartitionKey, row.RowKey, row.ETag));
        Assert.DoesNotContain("odata.metadata", row.Keys);
    }

    [Fact]
    public void A_property_of_another_type_is_an_error()
    {
        var row = new TableEntity("p", "r") { ["L"] = 5L };
        Assert.Throws<InvalidOperationException>(() => row.GetInt32("L"));
        Assert.Throws<InvalidOperationException>(() => row["L"] = "five");
    }

    [Fact]
    public void A_number_keeps_the_type_it_has()
    {
        var row = new TableEntity("p", "r") { ["L"] = 5L, ["D"] = 1.5, ["Gone"] = "x" };
        (row["L"], row["D"], row["Gone"]) = (6, 2, null);

        Assert.Equal((6L, 2.0, null), (row.GetInt64("L"), row.GetDouble("D"), row.GetString("Gone")));
    }

    [Fact]
    public void It_is_a_dictionary_of_its_own()
    {
        var values = new Dictionary<string, object> { ["PartitionKey"] = "p", ["N"] = 1 };
        var row = new TableEntity(values) { RowKey = "r" };
        row.Remove("N");

        Assert.Equal((2, true, false), (row.Count, values.ContainsKey("N"), row.TryGetValue("N", out _)));
        Assert.Equal(["PartitionKey", "RowKey"], row.Keys);
        Assert.Equal(default, row.ETag);
    }
}

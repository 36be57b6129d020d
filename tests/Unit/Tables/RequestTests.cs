using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

public sealed class RequestTests
{
    private const string Address = "https://acc.table.core.windows.net/jobs";

    [Fact]
    public async Task An_insert_asks_for_no_echo_and_names_the_types_that_JSON_does_not_have()
    {
        var service = new FakeService();
        await service.Table.AddEntityAsync(new TableEntity("p", "r") { ["I"] = 1, ["L"] = 2L, ["D"] = 3.0, ["None"] = null, ["Timestamp"] = DateTimeOffset.UnixEpoch });
        var (message, body) = Assert.Single(service.Requests);

        Assert.Equal((HttpMethod.Post, Address), (message.Method, message.RequestUri!.AbsoluteUri));
        Assert.Equal("""{"PartitionKey":"p","RowKey":"r","I":1,"L@odata.type":"Edm.Int64","L":"2","D@odata.type":"Edm.Double","D":3.0}""", body);
        Assert.Equal("return-no-content", Header(message, "Prefer"));
        Assert.Equal("application/json; odata=minimalmetadata", Header(message, "Accept"));
        Assert.Equal("2020-12-06", Header(message, "x-ms-version"));
    }

    [Theory]
    [InlineData(TableUpdateMode.Merge, "PATCH")]
    [InlineData(TableUpdateMode.Replace, "PUT")]
    public async Task An_update_names_key_and_version(TableUpdateMode mode, string method)
    {
        var service = new FakeService();
        await service.Table.UpdateEntityAsync(new TableEntity("p", "job|o'x ü"), new ETag("W/\"datetime'1'\""), mode);
        var (message, _) = Assert.Single(service.Requests);

        Assert.Equal(method, message.Method.Method);
        Assert.Equal(Address + "(PartitionKey='p',RowKey='job%7Co%27%27x%20%C3%BC')", message.RequestUri!.AbsoluteUri);
        Assert.Equal("W/\"datetime'1'\"", Header(message, "If-Match"));
    }

    [Fact]
    public async Task A_delete_without_version_matches_any_and_an_upsert_names_none()
    {
        var service = new FakeService();
        await service.Table.DeleteEntityAsync("p", "r");
        await service.Table.UpsertEntityAsync(new TableEntity("p", "r"));

        Assert.Equal("*", Header(service.Requests[0].Message, "If-Match"));
        Assert.Null(Header(service.Requests[1].Message, "If-Match"));
    }

    [Fact]
    public async Task A_query_hands_on_what_the_service_said_comes_next()
    {
        var service = new FakeService(count => FakeService.Answer(
            HttpStatusCode.OK, """{"value":[]}""", headers: count switch
            {
                1 => [("x-ms-continuation-NextPartitionKey", "1!4!a+b"), ("x-ms-continuation-NextRowKey", "1!8!c")],
                2 => [("x-ms-continuation-NextPartitionKey", "1!4!d")],
                _ => [],
            }));
        await foreach (var _ in service.Table.QueryAsync<TableEntity>("PartitionKey eq 'a b'", 5, ["RowKey", "State"]))
        {
        }

        const string first = "/jobs()?$filter=PartitionKey%20eq%20%27a%20b%27&$select=RowKey%2CState&$top=5";
        Assert.Equal(
            [first, first + "&NextPartitionKey=1%214%21a%2Bb&NextRowKey=1%218%21c", first + "&NextPartitionKey=1%214%21d"],
            service.Requests.Select(request => request.Message.RequestUri!.PathAndQuery));
    }

    [Fact]
    public async Task Every_try_is_signed_anew_and_passes_the_policies_of_the_user()
    {
        var counter = new Counter();
        FakeService service = null!;
        service = new FakeService(
            count =>
            {
                if (count == 1)
                {
                    service.Credential.SetAccountKey("ZmVkY2JhOTg3NjU0MzIxMA==");
                }

                return FakeService.Answer(count < 3 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.NoContent);
            },
            options => options.AddPolicy(counter, HttpPipelinePosition.PerRetry));
        await service.Table.AddEntityAsync(new TableEntity("p", "r"));

        Assert.Equal(3, counter.Count);
        Assert.Equal(
            [Signature(0, FakeService.Key), Signature(1, "ZmVkY2JhOTg3NjU0MzIxMA=="), Signature(2, "ZmVkY2JhOTg3NjU0MzIxMA==")],
            service.Requests.Select(request => Header(request.Message, "Authorization")));

        string Signature(int request, string key)
        {
            var text = $"{Header(service.Requests[request].Message, "x-ms-date")}\n/acc/jobs";
            return "SharedKeyLite acc:" + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(text)));
        }
    }

    [Fact]
    public async Task An_error_carries_status_and_code_and_one_that_is_no_JSON_the_status()
    {
        var service = new FakeService(count => count == 1
            ? FakeService.Answer(HttpStatusCode.Conflict, FakeService.Error("EntityAlreadyExists", "It is there."))
            : FakeService.Answer(HttpStatusCode.Forbidden, "<html>", "text/html"));
        var conflict = await Assert.ThrowsAsync<RequestFailedException>(() => service.Table.AddEntityAsync(new TableEntity("p", "r")));
        var forbidden = await Assert.ThrowsAsync<RequestFailedException>(() => service.Table.AddEntityAsync(new TableEntity("p", "r")));

        Assert.Equal((409, "EntityAlreadyExists"), (conflict.Status, conflict.ErrorCode));
        Assert.Contains("It is there.", conflict.Message, StringComparison.Ordinal);
        Assert.Equal(403, forbidden.Status);
    }

    [Fact]
    public async Task A_table_that_is_being_deleted_does_not_count_as_there()
    {
        var service = new FakeService(_ => FakeService.Answer(HttpStatusCode.Conflict, FakeService.Error("TableBeingDeleted", "Later.")));
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => service.Table.CreateIfNotExistsAsync());

        Assert.Equal((409, "TableBeingDeleted"), (failed.Status, failed.ErrorCode));
    }

    [Fact]
    public async Task Cancellation_reaches_the_query()
    {
        var service = new FakeService();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in service.Table.QueryAsync<TableEntity>(cancellationToken: new CancellationToken(canceled: true)))
            {
            }
        });
        Assert.Empty(service.Requests);
    }

    private static string? Header(HttpRequestMessage message, string name) => message.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private sealed class Counter : HttpPipelineSynchronousPolicy
    {
        internal int Count { get; private set; }

        public override void OnSendingRequest(HttpMessage message) => Count++;
    }
}

using System.Net;
using Azure;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

public sealed class BatchTests
{
    private const string Part = "--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";

    [Fact]
    public async Task A_transaction_is_one_change_set()
    {
        var service = new FakeService(_ => Answer(Part + "HTTP/1.1 204 No Content\r\nETag: W/\"1\"\r\n\r\n\r\n" + Part + "HTTP/1.1 204 No Content\r\n\r\n\r\n"));
        var answer = await service.Table.SubmitTransactionAsync(
        [
            new(TableTransactionActionType.UpdateReplace, new TableEntity("p", "a|b") { ["N"] = 1 }, new ETag("W/\"0\"")),
            new(TableTransactionActionType.Delete, new TableEntity("p", "c")),
        ]);
        var (message, body) = Assert.Single(service.Requests);
        var batch = message.Content!.Headers.ContentType!.Parameters.Single().Value!;
        var changeset = body.Split("boundary=")[1].Split("\r\n")[0];

        Assert.Equal("https://acc.table.core.windows.net/$batch", message.RequestUri!.AbsoluteUri);
        Assert.StartsWith("batch_", batch, StringComparison.Ordinal);
        Assert.Equal(
            $$"""
            --{{batch}}
            Content-Type: multipart/mixed; boundary={{changeset}}

            --{{changeset}}
            Content-Type: application/http
            Content-Transfer-Encoding: binary

            PUT https://acc.table.core.windows.net/jobs(PartitionKey='p',RowKey='a%7Cb') HTTP/1.1
            Accept: application/json;odata=minimalmetadata
            DataServiceVersion: 3.0
            Content-Type: application/json
            If-Match: W/"0"

            {"PartitionKey":"p","RowKey":"a|b","N":1}
            --{{changeset}}
            Content-Type: application/http
            Content-Transfer-Encoding: binary

            DELETE https://acc.table.core.windows.net/jobs(PartitionKey='p',RowKey='c') HTTP/1.1
            Accept: application/json;odata=minimalmetadata
            DataServiceVersion: 3.0
            If-Match: *


            --{{changeset}}--
            --{{batch}}--

            """,
            body.ReplaceLineEndings("\n"));
        Assert.Equal([new ETag("W/\"1\""), null], answer.Value.Select(part => part.Headers.ETag));
        Assert.Equal("No Content", answer.Value[1].ReasonPhrase);
    }

    [Fact]
    public async Task A_refusal_names_the_change()
    {
        var service = new FakeService(_ => Answer(
            Part + "HTTP/1.1 412 Precondition Failed\r\nContent-Type: application/json\r\n\r\n" + FakeService.Error("UpdateConditionNotSatisfied", "17:The update condition was not satisfied.") + "\r\n"));
        var failed = await Assert.ThrowsAsync<TableTransactionFailedException>(() => SubmitAsync(service));

        Assert.Equal((412, "UpdateConditionNotSatisfied", 17), (failed.Status, failed.ErrorCode, failed.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task A_refusal_that_names_no_change_has_no_index()
    {
        var service = new FakeService(_ => Answer(Part + "HTTP/1.1 400 Bad Request\r\n\r\n" + FakeService.Error("InvalidInput", "One of the inputs: bad.") + "\r\n"));
        var failed = await Assert.ThrowsAsync<TableTransactionFailedException>(() => SubmitAsync(service));

        Assert.Equal((400, "InvalidInput", null), (failed.Status, failed.ErrorCode, failed.FailedTransactionActionIndex));
    }

    [Fact]
    public async Task An_answer_with_too_few_parts_is_no_success() =>
        await Assert.ThrowsAsync<RequestFailedException>(() => SubmitAsync(new FakeService(_ => Answer(""))));

    [Fact]
    public async Task A_refusal_of_the_whole_is_that_of_any_request()
    {
        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => SubmitAsync(
            new FakeService(_ => FakeService.Answer(HttpStatusCode.Forbidden, FakeService.Error("AuthenticationFailed", "No.")))));
        Assert.Equal((403, "AuthenticationFailed"), (failed.Status, failed.ErrorCode));
    }

    private static async Task SubmitAsync(FakeService service) =>
        await service.Table.SubmitTransactionAsync([new(TableTransactionActionType.Add, new TableEntity("p", "r"))]);

    private static HttpResponseMessage Answer(string parts) => FakeService.Answer(
        HttpStatusCode.Accepted,
        $"--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n{parts}--changesetresponse_1--\r\n--batchresponse_1--\r\n",
        "multipart/mixed; boundary=batchresponse_1");
}

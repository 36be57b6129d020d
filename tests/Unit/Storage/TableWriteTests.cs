using System.Net;
using Azure;
using Pushcart.Storage;

namespace Pushcart.Tests.Unit.Storage;

/// <summary>Expected answers of a write are values; all else is an exception.</summary>
public sealed class TableWriteTests
{
    private static readonly ETag s_seen = new("W/\"1\"");

    [Theory]
    [InlineData(409, "EntityAlreadyExists")]
    [InlineData(412, "UpdateConditionNotSatisfied")]
    [InlineData(404, "ResourceNotFound")]
    public async Task A_conflict_of_one_change_is_an_answer(int status, string code)
    {
        var storage = new FakeStorage(_ => FakeStorage.Error((HttpStatusCode)status, code));

        foreach (var change in new[] { Change.Insert(Row("a")), Change.Merge(Row("a"), s_seen), Change.Replace(Row("a"), s_seen), Change.Delete("live", "a", s_seen) })
        {
            Equal(new(false, [], 0, status), await storage.Table.WriteAsync([change], default));
        }
    }

    [Theory]
    [InlineData(409, "EntityAlreadyExists", 1)]
    [InlineData(412, "UpdateConditionNotSatisfied", 0)]
    [InlineData(404, "ResourceNotFound", 1)]
    [InlineData(412, "UpdateConditionNotSatisfied", null)]
    public async Task A_conflict_of_a_transaction_names_its_change(int status, string code, int? at)
    {
        var storage = new FakeStorage(_ => FakeStorage.Conflict((HttpStatusCode)status, code, at));

        Equal(new(false, [], at ?? -1, status), await storage.Table.WriteAsync([Change.Insert(Row("a")), Change.Merge(Row("b"), s_seen)], default));
        Assert.Single(storage.Requests);
    }

    [Fact]
    public async Task A_write_answers_the_new_versions_in_order()
    {
        var storage = new FakeStorage(request => request.Address.Contains("$batch", StringComparison.Ordinal)
            ? FakeStorage.Written("W/\"2\"", "W/\"3\"")
            : FakeStorage.Nothing(etag: "W/\"4\""));

        Equal(new(true, [new("W/\"2\""), new("W/\"3\"")]), await storage.Table.WriteAsync([Change.Insert(Row("a")), Change.Merge(Row("b"), s_seen)], default));
        Equal(new(true, [new("W/\"4\"")]), await storage.Table.WriteAsync([Change.Merge(Row("b"), s_seen)], default));
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_no_conflict()
    {
        var storage = new FakeStorage(_ => FakeStorage.Error(HttpStatusCode.NotFound, "TableNotFound"));

        await Assert.ThrowsAsync<RequestFailedException>(() => storage.Table.WriteAsync([Change.Insert(Row("a"))], default));
    }

    [Fact]
    public async Task Anything_else_is_an_exception()
    {
        var storage = new FakeStorage(_ => FakeStorage.Error(HttpStatusCode.Forbidden, "AuthenticationFailed"));

        await Assert.ThrowsAsync<RequestFailedException>(() => storage.Table.WriteAsync([Change.Insert(Row("a"))], default));
    }

    [Fact]
    public async Task What_no_transaction_holds_is_refused_before_it_is_sent()
    {
        var storage = new FakeStorage(_ => FakeStorage.Nothing());
        var large = Row("large");
        large.SetText("text", new string('x', 64_000));

        await Assert.ThrowsAsync<ArgumentException>(() => storage.Table.WriteAsync([.. Enumerable.Range(0, 101).Select(n => Change.Insert(Row($"{n}")))], default));
        await Assert.ThrowsAsync<ArgumentException>(() => storage.Table.WriteAsync([.. Enumerable.Range(0, 40).Select(_ => Change.Insert(large))], default));
        Assert.Empty(storage.Requests);
    }

    private static Azure.Data.Tables.TableEntity Row(string key) => Rows.New("live", key);

    private static void Equal(WriteAnswer expected, WriteAnswer answer)
    {
        Assert.Equal(expected.ETags, answer.ETags);
        Assert.Equal((expected.Applied, expected.ConflictAt, expected.Status), (answer.Applied, answer.ConflictAt, answer.Status));
    }
}

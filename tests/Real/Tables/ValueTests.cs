using System.Runtime.Serialization;
using Azure;
using Azure.Data.Tables;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Tables;

[Collection("azurite")]
public sealed class ValueTests(AzuriteFixture azurite) : TableTest(azurite)
{
    private static readonly DateTimeOffset instant = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1_234_567);

    public static TheoryData<object> Values => new(
        "", "naïve ☃ 😀 'x' \"y\" \\ \n <&>", true, false, 0, int.MinValue, 1L, long.MaxValue, long.MinValue, 0.0, 5.0, -1.5, 1e300, double.Epsilon, Guid.Parse("11111111-2222-3333-4444-555555555555"), instant, DateTimeOffset.MaxValue);

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_keeps_type_and_value(object value)
    {
        await Table.AddEntityAsync(Row("alone", ("V", value)));
        await Table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row("together", ("V", value)))]);
        foreach (var row in new[] { "alone", "together" })
        {
            var read = (await Table.GetEntityAsync<TableEntity>("p", row)).Value["V"];
            Assert.Equal(value.GetType(), read?.GetType());
            Assert.Equal(value, read);
        }
    }

    [Fact]
    public async Task Bytes_keep_their_value()
    {
        byte[] bytes = [0, 1, 127, 128, 255];
        await Table.AddEntityAsync(Row("r", ("Bytes", bytes), ("Data", BinaryData.FromBytes(bytes)), ("None", Array.Empty<byte>())));
        var read = (await Table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal(bytes, read.GetBinary("Bytes"));
        Assert.Equal(bytes, read.GetBinaryData("Data")!.ToArray());
        Assert.Empty(read.GetBinary("None")!);
    }

    [Fact]
    public async Task A_class_of_ones_own_is_written_and_read()
    {
        var job = new Job { PartitionKey = "p", RowKey = "r", State = State.Running, Attempt = 3, Size = 4L, Share = 2, Due = instant, Id = Guid.Empty, Log = [1, 2], Hidden = "not stored" };
        await Table.AddEntityAsync(job);
        var read = (await Table.GetEntityAsync<Job>("p", "r")).Value;
        var raw = (await Table.GetEntityAsync<TableEntity>("p", "r")).Value;

        Assert.Equal((State.Running, 3, 4L, 2.0, instant, Guid.Empty), (read.State, read.Attempt, read.Size, read.Share, read.Due, read.Id));
        Assert.Equal([1, 2], read.Log!);
        Assert.Null(read.Ended);
        Assert.Null(read.Hidden);
        Assert.Equal(raw.ETag, read.ETag);
        Assert.Equal(raw.Timestamp, read.Timestamp);
        Assert.Equal("Running", raw.GetString("state"));
        Assert.False(raw.ContainsKey("Hidden"));
    }

    private enum State
    {
        Queued,
        Running,
    }

    private sealed class Job : ITableEntity
    {
        public string PartitionKey { get; set; } = "";

        public string RowKey { get; set; } = "";

        public DateTimeOffset? Timestamp { get; set; }

        public ETag ETag { get; set; }

        [DataMember(Name = "state")]
        public State State { get; set; }

        public int Attempt { get; set; }

        public long Size { get; set; }

        public double? Share { get; set; }

        public DateTimeOffset Due { get; set; }

        public DateTimeOffset? Ended { get; set; }

        public Guid Id { get; set; }

        public byte[]? Log { get; set; }

        [IgnoreDataMember]
        public string? Hidden { get; set; }
    }
}

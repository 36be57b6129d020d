using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Tables;

public sealed class FilterTests
{
    public static TheoryData<object?, string> Literals => new()
    {
        { "o'brien", "'o''brien'" },
        { 'c', "'c'" },
        { 5, "5" },
        { 5L, "5L" },
        { 5.0, "5.0" },
        { 0.25, "0.25" },
        { true, "true" },
        { null, "null" },
        { Guid.Parse("11111111-2222-3333-4444-555555555555"), "guid'11111111-2222-3333-4444-555555555555'" },
        { new DateTimeOffset(2030, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)), "datetime'2030-01-02T03:04:05.0000000Z'" },
        { new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc), "datetime'2030-01-02T03:04:05.0000000Z'" },
        { new byte[] { 1, 0xAB }, "X'01AB'" },
        { BinaryData.FromBytes(new byte[] { 16 }), "X'10'" },
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public void A_value_is_written_by_its_type(object? value, string literal) =>
        Assert.Equal($"A eq {literal}", TableClient.CreateQueryFilter($"A eq {value}"));

    [Fact]
    public void A_value_without_a_literal_is_refused() =>
        Assert.Throws<ArgumentException>(() => TableClient.CreateQueryFilter($"A eq {new Uri("http://x")}"));

    [Fact]
    public void A_comparison_in_code_is_the_same_filter()
    {
        var from = "job|";
        Assert.Equal(
            "((PartitionKey eq 'live') and (RowKey ge 'job|')) and (not (Timestamp lt datetime'1970-01-01T00:00:00.0000000Z'))",
            TableClient.CreateQueryFilter<TableEntity>(row =>
                row.PartitionKey == "live" && string.Compare(row.RowKey, from) >= 0 && !(row.Timestamp < DateTimeOffset.UnixEpoch)));
        Assert.Null(TableClient.CreateQueryFilter<TableEntity>(row => true));
        Assert.Throws<NotSupportedException>(() => TableClient.CreateQueryFilter<TableEntity>(row => row.RowKey.StartsWith(from)));
    }
}

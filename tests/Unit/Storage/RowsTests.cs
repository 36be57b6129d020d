using Azure;
using Azure.Data.Tables;
using Pushcart.Storage;

namespace Pushcart.Tests.Unit.Storage;

public sealed class RowsTests
{
    [Theory]
    [InlineData(1, typeof(string))]
    [InlineData(30_000, typeof(string))]
    [InlineData(30_001, typeof(byte[]))]
    [InlineData(64_000, typeof(byte[]))]
    public void A_long_text_is_stored_as_UTF8(int characters, Type stored)
    {
        var row = Rows.New("p", "k");
        var text = new string('x', characters);
        row.SetText("log", text);

        Assert.IsType(stored, row["log"]);
        Assert.Equal(text, row.GetText("log"));
    }

    [Fact]
    public void Characters_outside_ASCII_come_back_in_either_form()
    {
        var row = Rows.New("p", "k");
        row.SetText("short", "ü𝒳\u001b[0m");
        row.SetText("long", string.Concat(Enumerable.Repeat("ü𝒳", 10_001)));
        row["data"] = BinaryData.FromString("ü");

        Assert.Equal(("ü𝒳\u001b[0m", "ü"), (row.GetText("short"), row.GetText("data")));
        Assert.Equal(string.Concat(Enumerable.Repeat("ü𝒳", 10_001)), row.GetText("long"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_text_is_no_property(string? text)
    {
        var row = Rows.New("p", "k");
        row.SetText("log", text);

        Assert.DoesNotContain("log", row.Keys);
        Assert.Null(row.GetText("log"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void A_row_of_a_later_version_is_told(int version, bool newer) =>
        Assert.Equal(newer, Rows.IsNewer(new TableEntity("p", "k") { ["v"] = version }));

    [Fact]
    public void What_a_row_lacks_is_named_with_the_row() => Assert.Equal(
        "the row live / slot|builtin|0001 lacks 'job'",
        Assert.Throws<InvalidDataException>(() => Rows.New("live", "slot|builtin|0001").GetRequired("job")).Message);

    [Fact]
    public void A_change_names_the_version_that_it_saw()
    {
        var row = Rows.New("p", "k");
        foreach (var never in (ETag[])[default, ETag.All, new("*")])
        {
            Assert.Throws<ArgumentException>(() => Change.Replace(row, never));
            Assert.Throws<ArgumentException>(() => Change.Merge(row, never));
            Assert.Throws<ArgumentException>(() => Change.Delete("p", "k", never));
        }

        Assert.Equal((TableTransactionActionType.Add, default), (Change.Insert(row).Type, Change.Insert(row).ETag));
        Assert.Equal((TableTransactionActionType.Delete, new ETag("W/1")), (Change.Delete("p", "k", new("W/1")).Type, Change.Delete("p", "k", new("W/1")).ETag));
    }
}

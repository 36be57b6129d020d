using System.Text.Json;
using Pushcart.Triggers.Owed;

namespace Pushcart.Tests.Unit.Triggers.Owed;

public sealed class OwingPartsTests
{
    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(200, 20, 1)]
    [InlineData(400, 4, 1)]
    [InlineData(401, 4, 2)]
    [InlineData(400, 253, 3)]
    public void Checks_are_parted_so_that_a_row_holds_each_part(int count, int length, int parts)
    {
        var checks = Enumerable.Range(0, count).Select(n => new EventCheck(new string('u', 32), $"{n:D3}".PadRight(length, 's'), new string('a', 40), Pushed: true)).ToList();

        var parted = Owing.Parts(checks).ToList();

        Assert.Equal(checks, parted.SelectMany(p => p));
        Assert.Equal(parts, parted.Count);
        Assert.All(parted, part => Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(part).Length, 1, 64_000));
    }
}

using System.Text;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers.Checks;

public sealed class CheckMessageTests
{
    private static readonly OwedTask s_owed = new()
    {
        Key = "task|push-1|00000",
        TriggerUid = "uid",
        Source = "app",
        Action = "Action|team|build",
        CreatedAt = Start,
        SendAt = Start.AddMinutes(1),
        Event = "push-1",
        Number = 3,
        Cause = "webhook push-1",
        Announced = "abc",
        Force = true,
    };

    [Fact]
    public void Checks_and_tasks_come_back()
    {
        var message = new CheckMessage(1, 7, [new("uid", "app", Start.AddTicks(1)), new("uid", "tools", Start, "abc")], [new("task|s-1|0"), new("task|push-1|00000", "abc", "W/\"1\"", s_owed)]);

        foreach (var text in (string[])[message.Write(), Convert.ToBase64String(Encoding.UTF8.GetBytes(message.Write()))])
        {
            var read = CheckMessage.Read(text);
            Assert.Equal((1, 7L), (read.V, read.Generation));
            Assert.Equal(message.Checks, read.Checks);
            Assert.Equal(message.Tasks, read.Tasks);
        }
    }

    [Fact]
    public void A_check_is_no_larger_than_it_says()
    {
        var check = new DueCheck("uid", "äpp", Start, "abc");
        var one = new CheckMessage(1, 1, [check]).Write();
        var two = new CheckMessage(1, 1, [check, check]).Write();

        Assert.Equal(CheckMessage.SizeOf(check), Encoding.UTF8.GetByteCount(two) - Encoding.UTF8.GetByteCount(one));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("abcd")]
    [InlineData("""{"v":0,"generation":1}""")]
    [InlineData("""{"v":-1,"generation":1}""")]
    [InlineData("""{"v":1,"checks":{}}""")]
    [InlineData("""{"v":1,"checks":[null]}""")]
    [InlineData("""{"v":1,"checks":[{"source":"app","due":"2026-01-15T12:00:00Z"}]}""")]
    [InlineData("""{"v":1,"checks":[{"trigger":"uid","due":"2026-01-15T12:00:00Z"}]}""")]
    [InlineData("""{"v":1,"checks":[{"trigger":"uid","source":"app","due":"soon"}]}""")]
    [InlineData("""{"v":1,"tasks":[null]}""")]
    [InlineData("""{"v":1,"tasks":[{"confirm":"abc"}]}""")]
    public void What_cannot_be_read_is_told_with_the_queues_name(string text) =>
        Assert.Contains("'checks'", Assert.Throws<InvalidDataException>(() => CheckMessage.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_message_of_a_later_version_is_known_as_such_whatever_its_form() =>
        Assert.Equal(2, CheckMessage.Read("""{"v":2,"generation":{"of":"later"},"checks":"all"}""").V);
}

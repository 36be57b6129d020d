using System.Text;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers.Checks;

public sealed class CheckQueueTests
{
    [Fact]
    public void A_message_holds_32_remotes()
    {
        var (catalog, checks) = Remotes(70);

        var messages = CheckQueue.Pack(catalog, checks).ToList();

        Assert.Equal([32, 32, 6], messages.Select(m => m.Count));
        Assert.Equal(checks, messages.SelectMany(m => m));
    }

    [Fact]
    public void Sources_of_one_remote_stand_together_whatever_trigger_asks()
    {
        var (catalog, checks) = Remotes(40);
        var again = Trigger("again", sources: [.. Enumerable.Range(0, 40).Select(n => $"app{n}")]);
        catalog = new(1, [.. catalog.All, again]);

        var messages = CheckQueue.Pack(catalog, [.. checks, .. Enumerable.Range(0, 40).Select(n => new DueCheck(again.Uid, $"app{n}", Start))]).ToList();

        Assert.Equal([64, 16], messages.Select(m => m.Count));
        Assert.All(messages, m => Assert.All(m.GroupBy(c => c.Source), g => Assert.Equal(2, g.Count())));
    }

    [Fact]
    public void Two_names_of_one_repository_are_one_remote()
    {
        var one = Trigger("one", sources: ["a", "b"]);
        var catalog = Catalog(Source("a", "https://same"), Source("b", "https://same"), one);
        var (others, checks) = Remotes(31);
        catalog = new(1, [.. catalog.All, .. others.All.Where(r => catalog.Find(r.Name) is null)]);

        Assert.Single(CheckQueue.Pack(catalog, [.. checks, new(one.Uid, "a", Start), new(one.Uid, "b", Start)]));
    }

    [Fact]
    public void A_message_holds_48_KiB_and_a_remote_with_more_is_split()
    {
        var (catalog, checks) = Remotes(1);
        var many = Enumerable.Repeat(checks[0], 2_000).Select((c, n) => c with { Due = Start.AddSeconds(n) }).ToList();

        var messages = CheckQueue.Pack(catalog, many).ToList();

        Assert.Equal(many, messages.SelectMany(m => m));
        Assert.All(messages, m => Assert.InRange(Size(m), 1, MessageQueue.MaximumBytes));
        Assert.All(messages.SkipLast(1), m => Assert.InRange(Size(m), MessageQueue.MaximumBytes - 400, MessageQueue.MaximumBytes));
    }

    [Fact]
    public void A_remote_that_fits_a_message_of_its_own_is_not_split()
    {
        // Two remotes of 300 checks: together they are too large for one message.
        var (catalog, checks) = Remotes(2);
        var many = checks.SelectMany(c => Enumerable.Repeat(c, 300)).ToList();
        Assert.True(Size(many) > MessageQueue.MaximumBytes);

        Assert.Equal([300, 300], CheckQueue.Pack(catalog, many).Select(m => m.Count));
    }

    [Fact]
    public void What_the_catalog_does_not_know_is_sent_all_the_same()
    {
        DueCheck[] checks = [new("nobody", "app", Start), new(Trigger().Uid, "nothing", Start)];

        Assert.Equal(checks, Assert.Single(CheckQueue.Pack(Catalog(Trigger()), checks)));
        Assert.Empty(CheckQueue.Pack(Catalog(), []));
    }

    private static (Catalog Catalog, List<DueCheck> Checks) Remotes(int count)
    {
        var sources = Enumerable.Range(0, count).Select(n => Source($"app{n}", $"https://git.example.org/{n}.git")).ToList();
        var trigger = Trigger("many", sources: [.. sources.Select(s => s.Name.Name)], uid: new string('u', 32));
        return (new(1, [Build, trigger, .. sources]), [.. sources.Select(s => new DueCheck(trigger.Uid, s.Name.Name, Start))]);
    }

    private static int Size(IReadOnlyList<DueCheck> checks) => Encoding.UTF8.GetByteCount(new CheckMessage(Rows.Version, long.MaxValue, checks).Write());
}

using Azure;
using Azure.Data.Tables;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers;

public sealed class SourceStateTests
{
    private static readonly ETag s_seen = new("W/\"1\"");

    private static readonly SourceState s_whole = new()
    {
        Key = "source|x",
        TriggerUid = "uid",
        Trigger = "ScheduleTrigger team/nightly",
        Source = "GitRepo team/app",
        Reference = "branch main",
        Commit = "c1",
        Previous = "c0",
        FileHash = "h",
        ChangedAt = Start,
        Due = Start.AddTicks(1),
        Owed = true,
        Error = new string('e', Rows.MaximumCharacters + 1),
        Denied = true,
        Failures = 3,
        NextAttempt = Start.AddMinutes(4),
        LastJob = "job",
        Pushed = true,
        WrittenAt = Start.AddMinutes(5),
        Dialect = new(0, "sha256", "https://elsewhere"),
        ETag = s_seen,
    };

    private static readonly OwedTask s_task = new()
    {
        Key = "task|s-x|0",
        TriggerUid = "uid",
        Source = "app",
        Action = "Action|team|build",
        Due = Start,
        CreatedAt = Start.AddMinutes(1),
        SendAt = Start.AddMinutes(2),
        Tries = 5,
        Event = "push-1",
        Number = 2,
        Cause = "webhook push-1",
        Announced = "c2",
        Force = true,
        Pushed = true,
        Rest = "[]",
        ETag = s_seen,
    };

    [Fact]
    public void A_source_comes_back_with_all_it_has_and_with_nothing()
    {
        var bare = Item(Trigger()).NewState() with { ETag = s_seen };
        Assert.DoesNotContain(typeof(SourceState).GetProperties().Where(p => p.CanWrite), p => p.Name != nameof(SourceState.ETag) && Equals(p.GetValue(s_whole), p.GetValue(bare with { Trigger = "", Source = "", Reference = "" })));

        // The storage says itself when it wrote.
        var stored = Stored(s_whole.Write());
        stored.Timestamp = s_whole.WrittenAt;
        Assert.Equal(s_whole, SourceState.Read(stored));
        Assert.Equal(bare, SourceState.Read(Stored(bare.Write())));
    }

    [Fact]
    public void A_source_is_replaced_whole_or_inserted()
    {
        var change = s_whole.Write();

        Assert.Equal((TableTransactionActionType.UpdateReplace, s_seen, "live", "source|x"), (change.Type, change.ETag, change.Row.PartitionKey, change.Row.RowKey));
        Assert.Equal(TableTransactionActionType.Add, (s_whole with { ETag = default }).Write().Type);
    }

    [Fact]
    public void A_task_comes_back_and_goes_by_the_version_that_was_seen()
    {
        Assert.Equal(s_task, OwedTask.Read(Stored(s_task.Write())));
        Assert.Equal((TableTransactionActionType.UpdateReplace, s_seen), (s_task.Write().Type, s_task.Write().ETag));
        Assert.Equal(TableTransactionActionType.Add, (s_task with { ETag = default }).Write().Type);
        Assert.Equal((TableTransactionActionType.Delete, s_seen, s_task.Key), (s_task.Delete().Type, s_task.Delete().ETag, s_task.Delete().Row.RowKey));
    }

    [Fact]
    public void Rows_of_a_later_version_are_left_alone()
    {
        var source = Stored(s_whole.Write());
        var task = Stored(s_task.Write());
        source["v"] = task["v"] = Rows.Version + 1;

        Assert.Throws<NewerRowException>(() => SourceState.Read(source));
        Assert.Throws<NewerRowException>(() => OwedTask.Read(task));
    }

    [Fact]
    public void The_key_is_of_trigger_kind_source_and_reference_and_of_nothing_else()
    {
        var main = new GitReference(ReferenceType.Branch, "main");
        string[] keys =
        [
            SourceState.KeyOf("uid", ResourceKind.GitRepo, "app", main),
            SourceState.KeyOf("uid of the trigger made anew", ResourceKind.GitRepo, "app", main),
            SourceState.KeyOf("uid", ResourceKind.ClusterGitRepo, "app", main),
            SourceState.KeyOf("uid", ResourceKind.GitRepo, "tools", main),
            SourceState.KeyOf("uid", ResourceKind.GitRepo, "app", main with { Name = "next" }),
            SourceState.KeyOf("uid", ResourceKind.GitRepo, "app", main with { Type = ReferenceType.Tag }),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], SourceState.KeyOf("uid", ResourceKind.GitRepo, "app", new(ReferenceType.Branch, "main")));
        Assert.All(keys, key => Assert.Matches("^source\\|[0-9a-f]{64}$", key));
    }

    [Fact]
    public void Its_task_has_the_key_of_its_own_hash()
    {
        var state = Item(Trigger()).NewState();

        Assert.Equal($"task|s-{state.Key["source|".Length..]}|0", state.TaskKey);
        Assert.NotEqual(state.Key, Item(Trigger(uid: "another")).NewState().Key);
    }

    private static TableEntity Stored(Change change)
    {
        change.Row.ETag = s_seen;
        return change.Row;
    }
}

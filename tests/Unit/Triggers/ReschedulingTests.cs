using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Jobs;
using Pushcart.Tests.Unit.Storage;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers;

/// <summary>What an apply makes due at once: a trigger that is new, resumed, or whose schedule changed; nothing else.</summary>
public sealed class ReschedulingTests
{
    private static readonly DateTimeOffset s_now = new ManualTime().GetUtcNow();

    public static TheoryData<string, bool> Changes => new()
    {
        { "new", true },
        { "interval", true },
        { "cron", true },
        { "resumed", true },
        { "suspended", false },
        { "reference", false },
        { "unreadable before", true },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task It_is_due_at_once(string change, bool due)
    {
        var (before, after) = change switch
        {
            "new" => ((Resource?)null, Trigger()),
            "interval" => (Trigger(), Trigger(schedule: "\"interval\":\"2h\"")),
            "cron" => (Trigger(), Trigger(schedule: "\"cron\":\"0 0 * * *\"")),
            "resumed" => (Trigger(suspend: true), Trigger()),
            "suspended" => (Trigger(), Trigger(suspend: true)),
            "reference" => (Trigger(), Trigger(reference: "\"tag\":\"v1\"")),
            _ => (Trigger() with { Json = """{"later":true}""" }, Trigger()),
        };

        var result = await ApplyAsync(before, new(after.Name, after.Spec!, after.Json, "test"));

        var applied = Assert.Single(result.Created.Concat(result.Changed));
        Assert.Equal(due ? s_now : Start, applied.ScheduledSince);
        Assert.Equal(before is null, applied.Uid != Trigger().Uid);
    }

    private static async Task<ApplyResult> ApplyAsync(Resource? before, Manifest manifest)
    {
        var row = before is null ? null : ResourceRow.Write(before);
        if (row is not null)
        {
            row.ETag = new("W/\"1\"");
        }

        var storage = new FakeStorage(request =>
            request.Method == HttpMethod.Post ? FakeStorage.Written("W/\"2\"", "W/\"3\"")
            : request.Address.Contains("'generation'", StringComparison.Ordinal) ? FakeStorage.Error(HttpStatusCode.NotFound, "ResourceNotFound")
            : row is null ? FakeStorage.Rows() : FakeStorage.Rows(row));
        var store = new ResourceStore(storage.Table, new ManualTime(), new SeededChance(1), NullLogger<ResourceStore>.Instance);
        return await store.ApplyAsync([manifest], prune: false, default);
    }
}

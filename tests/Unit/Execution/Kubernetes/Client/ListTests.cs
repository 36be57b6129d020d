using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class ListTests
{
    private static readonly KubeLimits s_limits = KubeLimits.Default with { PageSize = 2, ListRestarts = 1, Tries = 1 };

    [Fact]
    public async Task Pages_make_one_list()
    {
        var api = new FakeApi().Answers(200, Page("next 1", "a", "b")).Answers(200, Page(null, "c"));
        using var client = api.Client(s_limits);

        var list = (await client.ListAsync(KubeResource.Pods, "n", "x in (1,2),y", "status.phase!=Failed", default)).Value!;

        Assert.Equal(["a", "b", "c"], list.Items.Select(item => item["metadata"]!["name"]!.GetValue<string>()));
        Assert.Equal("9", list.ResourceVersion);
        const string First = "GET /base/api/v1/namespaces/n/pods?limit=2&labelSelector=x in (1,2),y&fieldSelector=status.phase!=Failed";
        Assert.Equal([First, First + "&continue=next 1"], api.Asked);
    }

    [Fact]
    public async Task A_list_that_expired_begins_anew()
    {
        var api = new FakeApi().Answers(200, Page("n1", "old")).Fails(410, "Expired", "too old").Answers(200, Page("n2", "a")).Answers(200, Page(null, "b"));
        using var client = api.Client(s_limits);

        var list = (await client.ListAsync(KubeResource.Pods, null, null, null, default)).Value!;

        Assert.Equal(["a", "b"], list.Items.Select(item => item["metadata"]!["name"]!.GetValue<string>()));
        Assert.Equal("GET /base/api/v1/pods?limit=2", api.Asked[2]);
    }

    [Fact]
    public async Task A_list_that_expires_again_and_again_is_a_failure()
    {
        var api = new FakeApi().Fails(410, "Expired", "too old").Fails(410, "Expired", "too old");
        using var client = api.Client(s_limits);

        Assert.Equal(KubeFailureKind.Gone, (await client.ListAsync(KubeResource.Pods, "n", null, null, default)).Failure?.Kind);
    }

    [Theory]
    [InlineData("""{"kind":"PodList","metadata":{}}""")]
    [InlineData("""{"kind":"PodList","metadata":{},"items":null}""")]
    [InlineData("""{"kind":"PodList","items":[]}""")]
    [InlineData("""{"kind":"PodList","metadata":{},"items":[1]}""")]
    [InlineData("""{"kind":"PodList","metadata":{},"items":[{"a":1},""")]
    public async Task A_list_that_is_not_whole_is_no_list(string page)
    {
        var api = new FakeApi().Answers(200, page);
        using var client = api.Client(s_limits);

        Assert.Equal(KubeFailureKind.Unknown, (await client.ListAsync(KubeResource.Pods, "n", null, null, default)).Failure?.Kind);
    }

    [Fact]
    public async Task A_page_that_fails_is_asked_again_by_itself()
    {
        var api = new FakeApi().Answers(200, Page("n1", "a")).Fails(500, "InternalError", "x").Answers(200, Page(null, "b"));
        using var client = api.Client(s_limits with { Tries = 2 });

        Assert.Equal(2, (await client.ListAsync(KubeResource.Pods, "n", null, null, default)).Value?.Items.Count);
        Assert.Equal(3, api.Asked.Count);
    }

    [Fact]
    public async Task A_list_without_end_ends()
    {
        var api = new FakeApi();
        for (var i = 0; i < 3; i++)
        {
            api.Answers(200, Page("again", "a", "b"));
        }

        using var client = api.Client(s_limits with { ListItems = 5 });

        Assert.Contains("more than 5 objects", (await client.ListAsync(KubeResource.Pods, "n", null, null, default)).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_those_of_one_object()
    {
        var api = new FakeApi().Answers(200, Page(null, "e"));
        using var client = api.Client(s_limits);

        Assert.Single((await client.ListEventsAsync("n", "Job", "j", "u-1", default)).Value!.Items);
        Assert.EndsWith("fieldSelector=involvedObject.kind=Job,involvedObject.name=j,involvedObject.uid=u-1", api.Asked[0], StringComparison.Ordinal);
    }

    private static string Page(string? next, params string[] names)
    {
        var items = string.Join(',', names.Select(name => $$"""{"metadata":{"name":"{{name}}"} }"""));
        return $$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9","continue":"{{next}}"},"items":[{{items}}]}""";
    }
}

using Pushcart.Tests.Support.GitHub;

namespace Pushcart.Tests.Real.Providers;

/// <summary>The check of the stand-in finds what GitHub would not understand, or not say.</summary>
public sealed class RestDescriptionTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Theory]
    [InlineData("POST", "/repos/o/r/statuses/abc", """{"state":"pending"}""", null)]
    [InlineData("POST", "/repos/o/r/statuses/abc", """{"state":"running"}""", "request.state is \"running\"")]
    [InlineData("POST", "/repos/o/r/statuses/abc", """{"context":"c"}""", "request.state is missing")]
    [InlineData("POST", "/repos/o/r/statuses/abc", """{"state":"pending","targetUrl":"x"}""", "request.targetUrl is not described")]
    [InlineData("POST", "/repos/o/r/hooks", """{"name":"web","events":"push"}""", "request.events is \"push\", no array")]
    [InlineData("PUT", "/repos/o/r/hooks/1", "", "there is no such operation")]
    [InlineData("GET", "/repos/o/r/hooks/1", "{}", "it takes no body")]
    public async Task A_request_that_is_not_as_described_is_found(string method, string path, string body, string? fault)
    {
        var faults = (await RestDescription.LoadAsync()).Check(new(method, path, s_none, null, body), new(500)).ToList();

        Assert.Equal(fault is null ? 0 : 1, faults.Count);
        Assert.All(faults, f => Assert.Contains(fault!, f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_and_a_parameter_that_are_not_as_described_are_found()
    {
        var description = await RestDescription.LoadAsync();

        Assert.Contains(
            description.Check(new("GET", "/repos/o/r/hooks/1", s_none, null, ""), new(200, new System.Text.Json.Nodes.JsonObject { ["id"] = "1" })),
            f => f.Contains("answer.id is \"1\", no integer", StringComparison.Ordinal));
        Assert.Contains(
            description.Check(new("GET", "/repos/o/r/hooks", new Dictionary<string, string> { ["pages"] = "2" }, null, ""), new(404)),
            f => f.Contains("there is no parameter pages", StringComparison.Ordinal));
        Assert.Contains(
            description.Check(new("DELETE", "/repos/o/r/hooks/1", s_none, null, ""), new(200)),
            f => f.Contains("200 is not described", StringComparison.Ordinal));
    }
}

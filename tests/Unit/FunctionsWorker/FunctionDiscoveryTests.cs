using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class FunctionDiscoveryTests
{
    [Fact]
    public void Functions_are_found_with_their_routes_schedules_and_queues()
    {
        var plan = Settings.Plan([typeof(Good)], ("Poll:Schedule", "0 */2 * * * *"), ("Names:Jobs", "some-jobs"));
        Assert.Empty(plan.Faults);
        Assert.Equal(["ByName", "things/{id:int}/{*rest}"], plan.Functions.Http.Select(one => one.Route.RawText).Order(StringComparer.Ordinal));
        Assert.Equal(["GET", "POST"], plan.Functions.Http.Single(one => one.Methods.Count > 0).Methods);
        var timer = Assert.Single(plan.Functions.Timers);
        Assert.Equal("0 */2 * * * *", timer.Schedule.Text);
        Assert.True(timer.Monitored);
        Assert.Equal(("some-jobs", "UseDevelopmentStorage=true"), (plan.Functions.Queues[0].Queue, plan.Functions.Queues[0].Connection));
        Assert.Equal("queueTrigger", plan.Functions.Queues[0].Method.Definition.InputBindings["message"].Type);
    }

    [Fact]
    public void The_name_of_a_setting_may_be_written_as_in_the_environment()
    {
        var plan = Settings.Plan([typeof(ByEnvironment)], ("Poll:Schedule", "01:00:00"));
        Assert.Empty(plan.Faults);
        Assert.Equal("01:00:00", Assert.Single(plan.Functions.Timers).Schedule.Text);
    }

    [Fact]
    public void A_setting_that_is_not_set_is_named_with_its_function()
    {
        var plan = Settings.Plan([typeof(Good)], ("Names:Jobs", "some-jobs"));
        Assert.Contains("function Poll: the setting Poll:Schedule is not set", Assert.Single(plan.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Root), "function Root: its route is \"/\"")]
    [InlineData(typeof(BadRoute), "function Broken: its route a/{b is not valid")]
    [InlineData(typeof(Twice), "function same: two functions have this name")]
    [InlineData(typeof(TwoTriggers), "function Two: it has 2 triggers")]
    [InlineData(typeof(NoTrigger), "function None: it has 0 triggers")]
    [InlineData(typeof(BadSchedule), "function Often: its schedule often (often) is not valid")]
    [InlineData(typeof(BadQueue), "function Shout: its queue's name LOUD (LOUD) is not valid")]
    [InlineData(typeof(BadConnection), "function Elsewhere: its connection Other is not set")]
    [InlineData(typeof(Value), "function Value: it returns a ValueTask")]
    [InlineData(typeof(NoRequest), "function Text: HttpTrigger stands on a String")]
    public void What_is_wrong_is_told_with_the_functions_name(Type type, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Settings.Plan([type]).Faults), StringComparison.Ordinal);

    [Fact]
    public void Http_functions_without_the_web_application_are_a_fault()
    {
        var configuration = Settings.Of(("AzureWebJobsStorage", "x"));
        var plan = Microsoft.Azure.Functions.Worker.Hosting.HostPlan.Make(configuration, Settings.Of(), [typeof(OneRoute)], withHttp: false, []);
        Assert.Contains("ConfigureFunctionsWebApplication", Assert.Single(plan.Faults), StringComparison.Ordinal);
        Assert.Equal("api/one", plan.Functions.Http[0].Route.RawText);
    }

    public sealed class Good
    {
        [Function("ByName")]
        public static void ByName([HttpTrigger] HttpRequest request) => _ = request;

        [Function("Things")]
        public static Task Things([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "/things/{id:int}/{*rest}")] HttpRequest request, int id, string? rest) =>
            Task.FromResult((request, id, rest));

        [Function("Poll")]
        public static void Poll([TimerTrigger("%Poll:Schedule%")] TimerInfo timer) => _ = timer;

        [Function("Claim")]
        public static void Claim([QueueTrigger("%Names:Jobs%")] string message) => _ = message;

        public static void NotAFunction() => throw new InvalidOperationException();
    }

    public sealed class ByEnvironment
    {
        [Function("Poll")]
        public static void Poll([TimerTrigger("%Poll__Schedule%")] TimerInfo timer) => _ = timer;
    }

    public sealed class OneRoute
    {
        [Function("One")]
        public static void One([HttpTrigger(Route = "one")] HttpRequest request) => _ = request;
    }

    public sealed class Root
    {
        [Function("Root")]
        public static void Run([HttpTrigger(Route = "/")] HttpRequest request) => _ = request;
    }

    public sealed class BadRoute
    {
        [Function("Broken")]
        public static void Run([HttpTrigger(Route = "a/{b")] HttpRequest request) => _ = request;
    }

    public sealed class Twice
    {
        [Function("Same")]
        public static void First([QueueTrigger("one")] string message) => _ = message;

        [Function("same")]
        public static void Second([QueueTrigger("two")] string message) => _ = message;
    }

    public sealed class TwoTriggers
    {
        [Function("Two")]
        public static void Run([QueueTrigger("one")] string first, [QueueTrigger("two")] string second) => _ = first + second;
    }

    public sealed class NoTrigger
    {
        [Function("None")]
        public static void Run(string message) => _ = message;
    }

    public sealed class BadSchedule
    {
        [Function("Often")]
        public static void Run([TimerTrigger("often")] TimerInfo timer) => _ = timer;
    }

    public sealed class BadQueue
    {
        [Function("Shout")]
        public static void Run([QueueTrigger("LOUD")] string message) => _ = message;
    }

    public sealed class BadConnection
    {
        [Function("Elsewhere")]
        public static void Run([QueueTrigger("one", Connection = "Other")] string message) => _ = message;
    }

    public sealed class Value
    {
        [Function("Value")]
        public static ValueTask Run([QueueTrigger("one")] string message) => new(Task.FromResult(message));
    }

    public sealed class NoRequest
    {
        [Function("Text")]
        public static void Run([HttpTrigger] string request) => _ = request;
    }
}

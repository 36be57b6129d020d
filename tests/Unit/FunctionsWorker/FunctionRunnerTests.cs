using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class FunctionRunnerTests
{
    [Fact]
    public async Task Middleware_runs_around_the_function_in_its_order_and_may_be_conditional()
    {
        using var host = new Runner(builder =>
        {
            builder.UseMiddleware<Around>();
            builder.UseWhen<Never>(context => context.FunctionDefinition.Name == "Other");
            builder.UseMiddleware(async (context, next) =>
            {
                Trace(context).Add("inline in");
                await next();
                Trace(context).Add("inline out " + context.GetInvocationResult().Value);
            });
        });

        var outcome = await host.RunAsync("Echo", "hello");

        Assert.Null(outcome.Failure);
        Assert.Equal("hello!", outcome.Result);
        Assert.Equal(["around in", "inline in", "function", "inline out hello!", "around out"], host.Trace);
    }

    [Fact]
    public async Task Middleware_that_does_not_go_on_keeps_the_function_from_running()
    {
        using var host = new Runner(builder => builder.UseMiddleware((context, _) =>
        {
            context.GetInvocationResult().Value = "refused";
            return Task.CompletedTask;
        }));

        Assert.Equal("refused", (await host.RunAsync("Echo", "hello")).Result);
        Assert.Empty(host.Trace);
    }

    [Fact]
    public async Task Each_run_has_a_scope_and_an_instance_of_its_own_which_are_disposed_of()
    {
        using var host = new Runner(_ => { });
        await host.RunAsync("Scoped", "a");
        await host.RunAsync("Scoped", "b");
        Assert.Equal(["class disposed", "scope disposed", "class disposed", "scope disposed"], host.Trace);
    }

    [Fact]
    public async Task Parameters_are_bound_by_type_and_by_name()
    {
        using var host = new Runner(_ => { });
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["Number"] = "42", ["day"] = "Friday" };
        var outcome = await host.RunAsync("Bind", """{"name":"x"}""", data);
        Assert.Equal("x 42 Friday 7 none Bind", outcome.Result);
    }

    [Fact]
    public async Task A_parameter_without_a_value_fails_the_run_and_names_the_parameter_not_the_value()
    {
        using var host = new Runner(_ => { });
        Assert.Contains("its parameter number", (await host.RunAsync("Bind", "{}")).Failure!.Message, StringComparison.Ordinal);
        var failure = (await host.RunAsync("Bind", "s3cret")).Failure!;
        Assert.Contains("is no Thing", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_throws_is_logged_in_one_line_and_the_stack_at_debug()
    {
        using var host = new Runner(_ => { });
        var outcome = await host.RunAsync("Throw", "x");
        Assert.IsType<InvalidOperationException>(outcome.Failure);
        Assert.Equal((LogLevel.Error, false), (host.Log[0].Level, host.Log[0].WithException));
        Assert.Equal("Function Throw failed: InvalidOperationException: first second", host.Log[0].Text);
        Assert.Equal((LogLevel.Debug, true), (host.Log[1].Level, host.Log[1].WithException));
    }

    private static List<string> Trace(FunctionContext context) => context.InstanceServices.GetRequiredService<List<string>>();

    public sealed class Functions(List<string> trace, Scope scope) : IDisposable
    {
        public void Dispose()
        {
            if (scope.Used)
            {
                trace.Add("class disposed");
            }
        }

        [Function("Echo")]
        public async Task<string> EchoAsync([QueueTrigger("one")] string message)
        {
            await Task.Yield();
            trace.Add("function");
            return message + "!";
        }

        [Function("Scoped")]
        public void Scoped([QueueTrigger("two")] string message) => scope.Used = message.Length > 0;

        [Function("Bind")]
        public static string Bind(
            [QueueTrigger("three")] Thing thing, int number, DayOfWeek? day2, string day, FunctionContext context, CancellationToken token, int seven = 7) =>
            $"{thing.Name} {number} {day} {seven} {(day2 is null && !token.IsCancellationRequested ? "none" : "some")} {context.FunctionDefinition.Name}";

        [Function("Throw")]
        public static Task ThrowAsync([QueueTrigger("four")] string message) => throw new InvalidOperationException("first\nsecond" + message[..0]);
    }

    public sealed record Thing(string? Name);

    public sealed class Scope(List<string> trace) : IDisposable
    {
        public bool Used { get; set; }

        public void Dispose()
        {
            if (Used)
            {
                trace.Add("scope disposed");
            }
        }
    }

    public sealed class Around(List<string> trace) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            trace.Add("around in");
            await next(context);
            trace.Add("around out");
        }
    }

    public sealed class Never : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) => throw new InvalidOperationException("It is for another function.");
    }

    private sealed class Runner : ILoggerProvider, ILogger
    {
        private readonly IHost _host;
        private readonly HostPlan _plan;

        public Runner(Action<FunctionsApplicationBuilder> configure)
        {
            var builder = FunctionsApplication.CreateBuilder([]);
            builder.FunctionTypes = [typeof(Functions)];
            builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddFilter(null, LogLevel.Debug).AddProvider(this);
            builder.Services.AddSingleton(Trace);
            builder.Services.AddScoped<Scope>();
            configure(builder);
            _host = builder.Build();
            _plan = _host.Services.GetRequiredService<HostPlan>();
        }

        public List<string> Trace { get; } = [];

        public List<(LogLevel Level, string Text, bool WithException)> Log { get; } = [];

        public Task<RunOutcome> RunAsync(string name, string message, IReadOnlyDictionary<string, object?>? data = null) =>
            _host.Services.GetRequiredService<FunctionRunner>().RunAsync(
                _plan.Functions.Queues.Single(one => one.Method.Name == name).Method,
                new TriggerInput { Forms = [message], Data = data ?? TriggerInput.NoData });

        public void Dispose() => _host.Dispose();

        void IDisposable.Dispose()
        {
        }

        ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

        IDisposable? ILogger.BeginScope<TState>(TState state) => null;

        bool ILogger.IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Log.Add((logLevel, formatter(state, exception), exception is not null));
    }
}

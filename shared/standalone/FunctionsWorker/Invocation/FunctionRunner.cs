using System.Security.Cryptography;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>How a run has ended: without a failure, or with one that is already logged.</summary>
/// <param name="Failure">What the function threw, or null.</param>
/// <param name="Result">What it returned.</param>
internal readonly record struct RunOutcome(Exception? Failure, object? Result);

/// <summary>The steps around every function, the first added outermost.</summary>
internal sealed class FunctionPipeline
{
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _steps = [];

    public void Add(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> step) => _steps.Add(step);

    public FunctionExecutionDelegate Build(FunctionExecutionDelegate last) => Enumerable.Reverse(_steps).Aggregate(last, (next, step) => step(next));
}

/// <summary>Runs functions: each in a scope of its own, through the pipeline. What a function throws ends here.</summary>
internal sealed class FunctionRunner(IServiceScopeFactory scopes, FunctionPipeline pipeline, RunningFunctions running, ILoggerFactory loggers)
{
    private readonly Dictionary<FunctionMethod, FunctionExecutionDelegate> _pipelines = [];
    private readonly Lock _lock = new();

    /// <summary>Runs a function once.</summary>
    /// <param name="function">Which.</param>
    /// <param name="input">What its trigger has.</param>
    /// <param name="complete">What is done with its result in the same scope, such as writing the response.</param>
    public async Task<RunOutcome> RunAsync(FunctionMethod function, TriggerInput input, Func<object?, Task>? complete = null)
    {
        using var counted = running.Begin(function.Name);
        var scope = scopes.CreateAsyncScope();
        await using var disposal = scope.ConfigureAwait(false);
        var context = new RunningFunctionContext(
            function, input, scope.ServiceProvider, new Guid(RandomNumberGenerator.GetBytes(16)).ToString(), running.GraceOver);
        input.Http?.RequestServices = scope.ServiceProvider;
        try
        {
            await PipelineOf(function)(context).ConfigureAwait(false);
            var result = context.GetInvocationResult().Value;
            await (complete?.Invoke(result) ?? Task.CompletedTask).ConfigureAwait(false);
            return new RunOutcome(null, result);
        }
        catch (OperationCanceledException e) when (running.GraceOver.IsCancellationRequested)
        {
            Logger(function).LogWarning("Function {Function} was cancelled: the host stops", function.Name);
            return new RunOutcome(e, null);
        }
        catch (Exception e)
        {
            Logger(function).LogError("Function {Function} failed: {Error}: {Message}", function.Name, e.GetType().Name, OneLine(e.Message));
            Logger(function).LogDebug(e, "Function {Function} failed", function.Name);
            return new RunOutcome(e, null);
        }
    }

    internal static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private ILogger Logger(FunctionMethod function) => loggers.CreateLogger("Function." + function.Name);

    private FunctionExecutionDelegate PipelineOf(FunctionMethod function)
    {
        lock (_lock)
        {
            if (!_pipelines.TryGetValue(function, out var built))
            {
                built = _pipelines[function] = pipeline.Build(context => CallAsync(function, context));
            }

            return built;
        }
    }

    private static async Task CallAsync(FunctionMethod function, FunctionContext context)
    {
        var input = ((RunningFunctionContext)context).Input;
        context.GetInvocationResult().Value = await function.CallAsync(
            context.InstanceServices, parameters => ParameterBinding.Bind(function, parameters, context, input)).ConfigureAwait(false);
    }
}

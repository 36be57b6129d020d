using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Builds an application of functions.</summary>
public interface IFunctionsWorkerApplicationBuilder
{
    /// <summary>Its services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a step around every function; the first added is the outermost.</summary>
    /// <param name="middleware">Makes the step from the rest of the pipeline.</param>
    IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
}

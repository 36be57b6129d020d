namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>An application of functions.</summary>
public class FunctionsApplication
{
    /// <summary>Begins an application with the usual configuration and logging.</summary>
    /// <param name="args">The command line, which wins over all other configuration.</param>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

/// <summary>HTTP for an application of functions.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets HTTP functions take ASP.NET Core's requests and return its results.</summary>
    /// <param name="builder">The application.</param>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddHttp();
        return builder;
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>Serves HTTP functions by ASP.NET Core's routing.</summary>
internal static class HttpFunctions
{
    private const string Health = "/healthz";

    /// <summary>Adds routing and an endpoint for each function. Forwarded headers are believed of the trusted proxies only, if there are any.</summary>
    public static void Map(WebApplication app, IReadOnlyList<HttpFunction> functions, HostSettings settings, FunctionRunner runner)
    {
        if (settings.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarded(settings.TrustedProxies));
        }

        // Other machines reach these ports, and there nothing asks who they are.
        var healthPorts = settings.HealthUrls.Select(HostAddresses.PortOf).ToHashSet();
        app.UseRouting();
        app.Use((context, next) =>
        {
            // What routing answers by itself, such as 405 for another method, is a plain 404 under the real host.
            if (context.GetEndpoint()?.Metadata.GetMetadata<HttpFunction>() is null
                || (healthPorts.Contains(context.Connection.LocalPort) && !context.Request.Path.StartsWithSegments(Health, StringComparison.OrdinalIgnoreCase)))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            return next(context);
        });
        foreach (var function in functions)
        {
            var endpoint = app.Map(function.Route, context => ServeAsync(function, runner, context))
                .WithDisplayName(function.Method.Name)
                .WithMetadata(function);
            if (function.Methods.Count > 0)
            {
                endpoint.WithMetadata(new HttpMethodMetadata(function.Methods));
            }
        }
    }

    /// <summary>From the nearest proxy outwards, as far as proxies are trusted: the first address beyond them is the client's.</summary>
    private static ForwardedHeadersOptions Forwarded(IReadOnlyList<System.Net.IPNetwork> trustedProxies)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };

        // The framework's own choice, loopback, is not one of our users'.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trustedProxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        return options;
    }

    private static async Task ServeAsync(HttpFunction function, FunctionRunner runner, HttpContext context)
    {
        var input = new TriggerInput
        {
            Forms = [context.Request],
            Data = new Dictionary<string, object?>(context.Request.RouteValues, StringComparer.OrdinalIgnoreCase),
            Http = context,
        };
        var outcome = await runner.RunAsync(function.Method, input, result => RespondAsync(context, result)).ConfigureAwait(false);
        if (outcome.Failure is not null && !context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = outcome.Failure is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        }
        else if (outcome.Failure is not null)
        {
            // Cut off, so that nobody takes a part for the whole.
            context.Abort();
        }
    }

    private static Task RespondAsync(HttpContext context, object? result) => result switch
    {
        null => Task.CompletedTask,
        IActionResult action => action.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), new ActionDescriptor())),
        IResult other => other.ExecuteAsync(context),
        string text => Results.Text(text).ExecuteAsync(context),
        _ => Results.Json(result, contentType: "application/json", options: System.Text.Json.JsonSerializerOptions.Default).ExecuteAsync(context),
    };
}

using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Timers;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>A function that requests start.</summary>
/// <param name="Method">What runs.</param>
/// <param name="Route">Its whole route, prefix included.</param>
/// <param name="Methods">The methods served, in upper case; empty: all.</param>
internal sealed record HttpFunction(FunctionMethod Method, RoutePattern Route, IReadOnlyList<string> Methods);

/// <summary>A function that a schedule starts.</summary>
/// <param name="Method">What runs.</param>
/// <param name="Schedule">When.</param>
/// <param name="Monitored">Whether its occurrences are recorded.</param>
/// <param name="RunOnStartup">Whether it also runs when the host starts.</param>
internal sealed record TimerFunction(FunctionMethod Method, TimerSchedule Schedule, bool Monitored, bool RunOnStartup);

/// <summary>A function that messages start.</summary>
/// <param name="Method">What runs.</param>
/// <param name="Queue">Name of the queue.</param>
/// <param name="Connection">Connection string of its storage.</param>
internal sealed record QueueFunction(FunctionMethod Method, string Queue, string Connection);

/// <summary>All functions of an application.</summary>
internal sealed record FunctionCatalog(IReadOnlyList<HttpFunction> Http, IReadOnlyList<TimerFunction> Timers, IReadOnlyList<QueueFunction> Queues);

using Microsoft.Extensions.DependencyInjection;
using Pushcart.Providers;
using Pushcart.Providers.GitHub;
using Pushcart.Settings;

namespace Pushcart.Functions;

/// <summary>GitHub: commit statuses and webhooks. Another provider is added beside it, by the same two ports.</summary>
internal static class GitHubProvider
{
    /// <summary>Adds it.</summary>
    /// <param name="services">Where.</param>
    /// <param name="reader">Settings; what is wrong with them is added to its errors.</param>
    public static void Add(IServiceCollection services, SettingsReader reader)
    {
        var settings = reader.Read<GitHubSettings>();
        var before = reader.Errors.Count;
        settings.Check(reader);
        if (reader.Errors.Count > before)
        {
            return;
        }

        services.AddSingleton(s => new GitHubConnection(settings, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IStatusReports, GitHubStatuses>();
        services.AddSingleton<IRepositoryHooks, GitHubHooks>();
    }
}

using Pushcart.Providers;
using Pushcart.Providers.GitHub;
using Pushcart.Tests.Support;
using Pushcart.Tests.Support.GitHub;

namespace Pushcart.Tests.Unit.Providers.GitHub;

/// <summary>Pushcart's side of GitHub on the stand-in, without a network between.</summary>
internal sealed class GivenGitHub : IDisposable
{
    public const string Repository = "https://github.com/Octo/Hello.git";

    public GivenGitHub(bool app = true, Func<GitHubSettings, GitHubSettings>? change = null)
    {
        GitHub = new(Time) { Repositories = { "octo/hello", "octo/other" } };
        Handler = new(GitHub);
        var settings = app ? new GitHubSettings { AppId = "7", PrivateKey = GitHub.AppKey.ExportRSAPrivateKeyPem() } : new() { Token = GitHub.Token };
        Connection = new(change?.Invoke(settings) ?? settings, Time, Handler);
        (Statuses, Hooks) = (new(Connection), new(Connection));
    }

    public ManualTime Time { get; } = new();

    public GitHubStandIn GitHub { get; }

    public StandInHandler Handler { get; }

    public GitHubConnection Connection { get; }

    public GitHubStatuses Statuses { get; }

    public GitHubHooks Hooks { get; }

    public static StatusReport Report(StatusState state = StatusState.Success, string repository = Repository) =>
        new(repository, new string('a', 40), "pushcart/team/nightly", state, "Succeeded after 3 s", "https://pushcart.example.com/api/jobs/x");

    public Task<ProviderAnswer> TellAsync(StatusState state = StatusState.Success, string repository = Repository) => Statuses.TellAsync(Report(state, repository), default);

    public void Dispose() => Connection.Dispose();
}

using System.Net;
using System.Text;
using Pushcart.Deployment;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Infra;

/// <summary>Azure, a cluster and azd, as hooks see them: a stand-in that records what it is asked and answers what a test says.</summary>
internal sealed class FakeAzure : HttpMessageHandler
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["PUSHCART_DEPLOYER_ID"] = "deployer",
        ["PUSHCART_APP_ID"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-1",
        ["PUSHCART_VAULT_ID"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-1",
        ["PUSHCART_STORAGE_ACCOUNT"] = "st1",
        ["PUSHCART_STORAGE_PREFIX"] = "pushcart",
        ["PUSHCART_DEPLOYMENT_CONTAINER"] = "deployment",
        ["PUSHCART_IDENTITY_ID"] = "object-1",
        ["PUSHCART_KUBERNETES"] = "none",
        ["PUSHCART_NAMESPACES"] = "team-a, team-b",
        ["PUSHCART_URL"] = "https://func-1.azurewebsites.net",
        ["PUSHCART_WEBHOOK_URL"] = "https://func-1.azurewebsites.net/hooks/",
    };

    /// <summary>Answers requests; null: 200 with nothing.</summary>
    public Func<FakeCall, (HttpStatusCode Status, string Text)?> Answer { get; set; } = _ => null;

    public List<FakeCall> Calls { get; } = [];

    public StringWriter Output { get; } = new();

    public StringWriter Errors { get; } = new();

    /// <summary>The folder that hooks take for the project's: a new one with what they read, for they write into it too.</summary>
    public string Project { get; } = Copy();

    public string? this[string setting]
    {
        set
        {
            if (value is null)
            {
                _settings.Remove(setting);
            }
            else
            {
                _settings[setting] = value;
            }
        }
    }

    /// <summary>Runs a hook to its end; waits pass at once.</summary>
    public async Task<int> RunAsync(Func<HookContext, CancellationToken, Task> step)
    {
        var context = new HookContext
        {
            Handler = this,
            ClusterHandler = authority => authority == "Q0E=" ? new Passing(this) : throw new InvalidOperationException(authority),
            Setting = name => _settings.GetValueOrDefault(name),
            Token = (scope, _) => Task.FromResult($"token-of-{scope}"),
            Output = Output,
            Time = new HurryingTime(),
            Project = Project,
        };
        return await Hook.RunAsync(step, context, Errors, default);
    }

    protected override void Dispose(bool disposing)
    {
        Directory.Delete(Project, recursive: true);
        base.Dispose(disposing);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new FakeCall(
            request.Method.Method, request.RequestUri!.ToString(), request.Headers.Authorization?.Parameter, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Content?.Headers.ContentType?.MediaType);
        Calls.Add(call);
        var (status, text) = Answer(call) ?? (HttpStatusCode.OK, "");
        return new HttpResponseMessage(status) { Content = new StringContent(text, Encoding.UTF8) };
    }

    /// <summary>What a hook disposes in the place of the stand-in.</summary>
    private sealed class Passing(FakeAzure azure) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(azure, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _inner.SendAsync(request, cancellationToken);
    }

    private static string Copy()
    {
        var folder = Directory.CreateTempSubdirectory("azd").FullName;
        foreach (var file in (string[])["local.settings.sample.json", "infra/kubernetes/server/components/job-namespace/role.yaml"])
        {
            var to = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(ProjectFolder.Path, file), to);
        }

        return folder;
    }

    /// <summary>A clock on which every wait is over at once, and has taken its time.</summary>
    private sealed class HurryingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            // Time-outs are a minute and more, waits less.
            if (dueTime < TimeSpan.FromSeconds(30))
            {
                Interlocked.Add(ref _now, dueTime.Ticks);
                return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }

            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>What was asked.</summary>
internal sealed record FakeCall(string Method, string Address, string? Token, string Body, string? Type);

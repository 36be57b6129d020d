using System.Text.Json.Nodes;

namespace Pushcart.Resources;

/// <summary>What a resource asks for. Immutable, valid, with all defaults of its kind filled in.</summary>
public abstract record Spec;

/// <summary>A git repository to watch: <c>GitRepo</c> and <c>ClusterGitRepo</c>.</summary>
public sealed record GitRepoSpec : Spec
{
    /// <summary>Address, without credentials.</summary>
    public required string RepoUri { get; init; }

    /// <summary>Trust, of https.</summary>
    public TlsSpec Tls { get; init; } = new();

    /// <summary>Credentials, or null for none.</summary>
    public AuthSpec? Auth { get; init; }

    /// <summary>What providers sign the webhooks of this repository with; null: the installation's secrets.</summary>
    public SecretKeyRef? WebhookSecret { get; init; }

    /// <summary>True where Pushcart keeps the webhook of this repository, at GitHub, by itself.</summary>
    public bool ManageWebhook { get; init; }
}

/// <summary>Trust in a git server's certificate.</summary>
public sealed record TlsSpec
{
    /// <summary>True where the certificate is not checked.</summary>
    public bool NoVerifySsl { get; init; }

    /// <summary>PEM bundle added to the system's roots, or null.</summary>
    public SecretKeyRef? CaCert { get; init; }
}

/// <summary>One key of a secret.</summary>
/// <param name="Namespace">Namespace of the secret; null: the trigger's.</param>
/// <param name="Name">Name of the secret.</param>
/// <param name="Key">Key in it.</param>
public sealed record SecretKeyRef(string? Namespace, string Name, string Key);

/// <summary>How Pushcart proves to a git server who it is.</summary>
public enum AuthType
{
    /// <summary>User name and password.</summary>
    Basic,

    /// <summary>The raw value of the Authorization header.</summary>
    Token,

    /// <summary>A private key, of addresses of ssh.</summary>
    Ssh,
}

/// <summary>Credentials of a source.</summary>
public sealed record AuthSpec
{
    /// <summary>The kind.</summary>
    public required AuthType Type { get; init; }

    /// <summary>Namespace of the secret; null: the trigger's.</summary>
    public string? SecretNamespace { get; init; }

    /// <summary>Name of the secret.</summary>
    public required string SecretName { get; init; }

    /// <summary>Key of the user name.</summary>
    public string UserNameKey { get; init; } = "username";

    /// <summary>Key of the password.</summary>
    public string PasswordKey { get; init; } = "password";

    /// <summary>Key of the token.</summary>
    public string TokenKey { get; init; } = "token";

    /// <summary>Key of the private key. The keys of known hosts are beside it in the same secret, as <c>known_hosts</c>, or known to the installation.</summary>
    public string PrivateKeyKey { get; init; } = "ssh-privatekey";
}

/// <summary>When to look at which sources, and what to run: what both kinds of trigger share.</summary>
public abstract record TriggerSpec : Spec
{
    /// <summary>The sources.</summary>
    public required SourcesSpec Sources { get; init; }

    /// <summary>The action.</summary>
    public required ActionRef Action { get; init; }

    /// <summary>True where nothing fires but a manual run.</summary>
    public bool Suspend { get; init; }
}

/// <summary>A trigger by interval or cron.</summary>
public sealed record ScheduleTriggerSpec : TriggerSpec
{
    /// <summary>The interval as written, or null where <see cref="Cron"/> is set.</summary>
    public string? Interval { get; init; }

    /// <summary>The cron expression as written, or null where <see cref="Interval"/> is set.</summary>
    public string? Cron { get; init; }

    /// <summary>True where a provider's push is checked at once too.</summary>
    public bool OnPush { get; init; }
}

/// <summary>A trigger by HTTP.</summary>
public sealed record WebhookTriggerSpec : TriggerSpec
{
    /// <summary>True where one request, without the name of a source, checks all of them.</summary>
    public bool MultiSource { get; init; }

    /// <summary>What its requests must carry; null: nothing.</summary>
    public WebhookAuthSpec? Auth { get; init; }
}

/// <summary>A secret that a header of a request must equal.</summary>
/// <param name="Secret">The secret, of the trigger's namespace.</param>
/// <param name="Header">Name of the header; null: the installation's.</param>
public sealed record WebhookAuthSpec(SecretKeyRef Secret, string? Header);

/// <summary>Which sources, and what of them is watched.</summary>
public sealed record SourcesSpec
{
    /// <summary><see cref="ResourceKind.GitRepo"/> or <see cref="ResourceKind.ClusterGitRepo"/>.</summary>
    public ResourceKind Kind { get; init; } = ResourceKind.GitRepo;

    /// <summary>Names, at least one, each once.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>True: fire on a change only. False: fire at every run.</summary>
    public bool OnChangeOnly { get; init; } = true;

    /// <summary>The reference.</summary>
    public GitReference Reference { get; init; } = new(ReferenceType.Branch, "main");

    /// <summary>Patterns as in .gitignore; empty: all files.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <summary>Kinds of reference.</summary>
public enum ReferenceType
{
    /// <summary>A branch.</summary>
    Branch,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>A commit: it never changes, and fires once.</summary>
    Commit,
}

/// <summary>A reference of a repository.</summary>
/// <param name="Type">Branch, tag or commit.</param>
/// <param name="Name">Its short name, or 40 or 64 hexadecimal digits.</param>
public sealed record GitReference(ReferenceType Type, string Name)
{
    /// <summary><c>refs/heads/main</c>, <c>refs/tags/v1</c>; null for a commit.</summary>
    public string? FullName => Type switch
    {
        ReferenceType.Branch => "refs/heads/" + Name,
        ReferenceType.Tag => "refs/tags/" + Name,
        _ => null,
    };

    /// <summary><c>branch main</c>.</summary>
    public override string ToString() => $"{Type.ToString().ToLowerInvariant()} {Name}";
}

/// <summary>Names an action.</summary>
/// <param name="Kind"><see cref="ResourceKind.Action"/> or <see cref="ResourceKind.ClusterAction"/>.</param>
/// <param name="Name">Its name.</param>
public sealed record ActionRef(ResourceKind Kind, string Name);

/// <summary>The job to run: <c>Action</c> and <c>ClusterAction</c>.</summary>
public sealed record ActionSpec : Spec
{
    /// <summary>The job.</summary>
    public ActionJobSpec Job { get; init; } = new();

    /// <summary>Another source to clone, or null for the trigger's.</summary>
    public SourceOverride? Override { get; init; }
}

/// <summary>Another source than the trigger's, to clone.</summary>
/// <param name="Kind">Kind of the source.</param>
/// <param name="Name">Name of the source.</param>
/// <param name="Reference">Its reference.</param>
public sealed record SourceOverride(ResourceKind Kind, string Name, GitReference Reference);

/// <summary>What becomes of a job whose run is lost.</summary>
public enum OnLost
{
    /// <summary>It ends as lost; nothing runs it again by itself.</summary>
    Report,

    /// <summary>A lost run counts as a failed one: retries decide.</summary>
    Retry,
}

/// <summary>How a job runs. Null means: the installation's default.</summary>
public sealed record ActionJobSpec
{
    /// <summary>The program and its first arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Image of the work.</summary>
    public string? ActionImage { get; init; }

    /// <summary>Image of the clone step.</summary>
    public string? ClonerImage { get; init; }

    /// <summary>Service account of the pod.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Working directory.</summary>
    public string? Workdir { get; init; }

    /// <summary>True where the clone step prints what it does.</summary>
    public bool EnableClonerDebug { get; init; }

    /// <summary>True where <c>.git</c> stays.</summary>
    public bool PreserveGitFolder { get; init; }

    /// <summary>Seconds from a run's start to its end at most.</summary>
    public int? ActiveDeadlineSeconds { get; init; }

    /// <summary>Seconds that a job may wait at most.</summary>
    public int? JobWaitingTimeoutSeconds { get; init; }

    /// <summary>Seconds that an ended Kubernetes Job is kept once its end is on record.</summary>
    public int? TtlSecondsAfterFinished { get; init; }

    /// <summary>Labels of Job and pod.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of Job and pod.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Affinity of the pod, as Kubernetes writes it.</summary>
    public JsonObject? Affinity { get; init; }

    /// <summary>Node selector of the pod.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Tolerations of the pod, as Kubernetes writes them.</summary>
    public JsonArray? Tolerations { get; init; }

    /// <summary>Further runs after failed ones.</summary>
    public int Retries { get; init; }

    /// <summary>What becomes of a lost run.</summary>
    public OnLost OnLost { get; init; }

    /// <summary>The group, or null.</summary>
    public ConcurrencySpec? Concurrency { get; init; }

    /// <summary>How the repository is cloned.</summary>
    public ActionCloneSpec Checkout { get; init; } = new();

    /// <summary>Base of the pod, as Kubernetes writes it.</summary>
    public JsonObject? PodTemplate { get; init; }

    /// <summary>Which registered worker runs it; null: the built-in one.</summary>
    public WorkerSelector? Worker { get; init; }
}

/// <summary>Asks for a registered worker: all that is given must hold.</summary>
/// <param name="Name">Name of the worker, whose pods count too; null: any.</param>
/// <param name="Labels">Labels that it must have.</param>
public sealed record WorkerSelector(string? Name, IReadOnlyDictionary<string, string> Labels);

/// <summary>Jobs of a namespace that share a limit.</summary>
/// <param name="Group">Name of the group; null: no group, only <paramref name="CancelSuperseded"/>.</param>
/// <param name="Limit">How many run at once.</param>
/// <param name="CancelSuperseded">True where a newer commit of the same trigger, source and branch cancels older jobs.</param>
public sealed record ConcurrencySpec(string? Group, int Limit, bool CancelSuperseded);

/// <summary>How the repository is cloned.</summary>
/// <param name="Depth">Commits of history; 0: all.</param>
/// <param name="Submodules">True where submodules are cloned.</param>
public sealed record ActionCloneSpec(int Depth = 1, bool Submodules = false);

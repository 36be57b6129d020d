using System.Text.Json.Nodes;
using Pushcart.Git;

namespace Pushcart.Execution;

/// <summary>All that an executor needs to create a run.</summary>
public sealed record RunSpec
{
    /// <summary>Which run.</summary>
    public required RunKey Key { get; init; }

    /// <summary>Id of the installation, a label of every run.</summary>
    public required string Installation { get; init; }

    /// <summary>Drawn anew for every claim: a late process of an older attempt is told apart by it.</summary>
    public required string ClaimKey { get; init; }

    /// <summary>A create that has not reached its executor by then must not happen any more: claim + 20 s.</summary>
    public required DateTimeOffset CreateBefore { get; init; }

    /// <summary>What is cloned.</summary>
    public required CheckoutSpec Checkout { get; init; }

    /// <summary>The program and its first arguments; empty: the image's own.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Variables, complete and with their prefix. <c>WORKDIR</c> is set by the executor where its directories differ.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of the variable (with its prefix) that holds the working directory.</summary>
    public required string WorkdirVariable { get; init; }

    /// <summary>The working directory in a container.</summary>
    public required string Workdir { get; init; }

    /// <summary>Image of the work.</summary>
    public string? Image { get; init; }

    /// <summary>Image of the clone step; null: the executor's choice.</summary>
    public string? ClonerImage { get; init; }

    /// <summary>Service account of the pod; null: the namespace's default.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Labels that the pod's node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Affinity of the pod, as Kubernetes writes it, or null.</summary>
    public JsonObject? Affinity { get; init; }

    /// <summary>Tolerations of the pod, as Kubernetes writes them, or null.</summary>
    public JsonArray? Tolerations { get; init; }

    /// <summary>Base of the pod, as Kubernetes writes it, or null.</summary>
    public JsonObject? PodTemplate { get; init; }

    /// <summary>Security context of the pod, as Kubernetes writes it; null: the executor's own.</summary>
    public JsonObject? PodSecurityContext { get; init; }

    /// <summary>Security context of each container, as Kubernetes writes it; null: the executor's own.</summary>
    public JsonObject? SecurityContext { get; init; }

    /// <summary>Requests and limits of each container, as Kubernetes writes them; null: the executor's own.</summary>
    public JsonObject? Resources { get; init; }

    /// <summary>How long the run may take from its start to its end.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>How long an ended run is kept before its end is on record.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Labels: Pushcart's own, and the action's. Those of installation, job and run are the executor's to add.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of the action.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>What the clone step makes.</summary>
public sealed record CheckoutSpec
{
    /// <summary>The repository. Its credentials reach the clone step only, and are never written to disk.</summary>
    public required GitEndpoint Endpoint { get; init; }

    /// <summary>The commit, exactly.</summary>
    public required string Commit { get; init; }

    /// <summary>Full name of the reference (<c>refs/heads/main</c>), fetched where the server does not serve single commits; null where the reference is a commit.</summary>
    public string? Reference { get; init; }

    /// <summary>True where <c>.git</c> stays.</summary>
    public bool PreserveGitFolder { get; init; }

    /// <summary>True where the clone step prints what it does.</summary>
    public bool Debug { get; init; }

    /// <summary>Commits of history to fetch; 0: all.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>True where submodules are cloned too.</summary>
    public bool Submodules { get; init; }
}

using System.CommandLine;

namespace Pushcart.Cli.Worker;

/// <summary>A setting of <c>pushcart worker</c>: a flag, a variable of the environment, or a field of a file.</summary>
/// <param name="Name">Its name, as in a file; with <c>--</c> before it the flag.</param>
/// <param name="Help">What it is.</param>
/// <param name="Form">Its form, for the help; null: it is there or not.</param>
/// <param name="Default">Its value unless something is said; null: none.</param>
internal sealed record WorkerOption(string Name, string Help, string? Form, string? Default = null)
{
    private const string Variables = "PUSHCART_WORKER_";

    /// <summary>All of them. Those that every command has (<c>--server</c> and what belongs to it) mean the same here.</summary>
    public static IReadOnlyList<WorkerOption> All { get; } =
    [
        new("server", "Where Pushcart listens", "URL") { IsShared = true },
        new("name", "Its name, as 'pushcart workers add' has it; with a service token also NAME/POD", "NAME"),
        new("registration-token-file", "File with the token of 'pushcart workers add': good once; what follows from it is kept in --state", "FILE"),
        new("token-file", "File with a service token of the scope worker, in place of a registration; read again whenever it changes", "FILE") { IsShared = true },
        new("token", "That token itself, from the environment (a Kubernetes Secret); as a flag or in a file everybody may read it", "TOKEN") { IsSecret = true },
        new("state", "Where it keeps who it is: a file, or secret:NAMESPACE/NAME for a Secret that is there", "FILE|secret:…"),
        new("max-parallel-jobs", "How many jobs it runs at once, 1 to 100", "N", "5"),
        new("labels", "What actions may ask for: a=b,c=d", "LABELS"),
        new("check-in-interval", "How often it checks in", "DURATION", "1m"),
        new("executor", "What runs jobs: kubernetes, or process (this machine, unconfined: for development)", "kubernetes|process", "kubernetes"),
        new("kubeconfig", "A kubeconfig; without it the pod's own account, or KUBECONFIG, or ~/.kube/config", "FILE"),
        new("kube-context", "A context of the kubeconfig", "NAME"),
        new("all-namespaces", "List runs in all namespaces at once, which needs a ClusterRole", null),
        new("cluster", "How the cluster is called, to know again whose jobs ran there; without it the uid of its namespace kube-system", "NAME"),
        new("content-root", "Folder of the process executor's runs, and of the state where --state names none", "DIR", ".pushcart/worker"),
        new("git-known-hosts", "A known_hosts file for sources over ssh whose secret has none", "FILE"),
        new("ca-file", "Certificates (PEM) of the authorities that the server is trusted by, in place of the machine's", "FILE") { IsShared = true },
        new("client-cert", "Certificate (PEM) that is shown to the server", "FILE") { IsShared = true },
        new("client-key", "Its key (PEM)", "FILE") { IsShared = true },
        new("insecure", "Look at no certificate of the server: whoever stands between reads the token", null) { IsShared = true },
        new("grace", "How long runs may go on once it is asked to end; what still runs then is adopted by the next process", "DURATION", "10m"),
        new("listen", "Where /healthz/live, /healthz/ready and /metrics are served, without a token: ADDRESS:PORT, port 0 for a free one, or off", "ADDRESS:PORT", "127.0.0.1:0"),
        new("look", "How often it looks at its runs", "DURATION", "5s"),
        new("busy-pace", "The first wait after the answer that there is no job; it doubles up to --quiet-pace", "DURATION", "5s"),
        new("quiet-pace", "The longest wait between two questions for a job", "DURATION", "60s"),
        new("long-poll", "How long the server may hold a question for a job", "DURATION", "20s"),
        new("link-timeout", "How long an answer of the server may take", "DURATION", "10s"),
        new("link-back-off", "The longest wait after a failure of the link", "DURATION", "30s"),
        new("create-timeout", "How long the creation of a run may take", "DURATION", "10s"),
        new("orphans", "How often it looks for runs that no job knows any more, and how old such a one is at least", "DURATION", "10m"),
        new("start-anew", "How long after somebody else's start a run may still come to be: Jobs:CreateWithin and Jobs:CreateTimeout of the server, or more", "DURATION", "30s"),
    ];

    /// <summary>True where every command has it.</summary>
    public bool IsShared { get; init; }

    /// <summary>True where its value is never shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The variable of the environment.</summary>
    public string Variable => Variables + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>The flag; of one that all commands have, theirs.</summary>
    public Option Flag() => Form is null
        ? new Option<bool>("--" + Name) { Description = $"{Help} [{Variable}]" }
        : new Option<string?>("--" + Name) { Description = $"{Help}{(Default is null ? "" : $"; {Default} unless you say")} [{Variable}]", HelpName = Form };
}

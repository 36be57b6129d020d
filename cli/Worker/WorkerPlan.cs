using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Pushcart.Tokens;
using Pushcart.Workers.Working;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;

namespace Pushcart.Cli.Worker;

/// <summary>What a worker's settings come to, once they are looked at.</summary>
internal sealed partial record WorkerPlan
{
    private const int MostLabels = 20;
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(10);

    /// <summary>The worker; its cluster is known later.</summary>
    public required WorkerSettings Worker { get; init; }

    /// <summary>How the server is reached.</summary>
    public required LinkSettings Link { get; init; }

    /// <summary><c>kubernetes</c> or <c>process</c>.</summary>
    public required string Executor { get; init; }

    /// <summary>Where the service token comes from; null: the worker registers.</summary>
    public TokenSource? ServiceToken { get; init; }

    /// <summary>Where the registration token comes from; null: the state is to be enough.</summary>
    public TokenSource? RegistrationToken { get; init; }

    /// <summary>Namespace and name of the Secret that keeps the state; null: a file.</summary>
    public (string Namespace, string Name)? StateSecret { get; init; }

    /// <summary>The file that keeps the state, where no Secret does.</summary>
    public required string StateFile { get; init; }

    /// <summary>Where it serves its health; null: nowhere.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>What its user should know although it works.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Looks at values; all that is wrong with them is added to their errors.</summary>
    /// <param name="values">The values.</param>
    /// <param name="version">Version of this program.</param>
    /// <returns>The plan; null where something is wrong.</returns>
    public static WorkerPlan? Of(WorkerValues values, string version)
    {
        var errors = values.Errors;
        var warnings = new List<string>();
        if (values["server"] is not { } address || Servers.ServerAccess.AddressOf(address) is not { } server)
        {
            errors.Add(values["server"] is { } wrong ? $"server: '{wrong}' is no address; it begins with http:// or https://" : "server: it is not set; --server URL, or PUSHCART_WORKER_SERVER");
            server = new Uri("http://127.0.0.1");
        }

        var name = values["name"] ?? "";
        var parts = name.Split('/');
        var isService = values["token"] is not null || values["token-file"] is not null;
        Require(name.Length > 0, "name: it is not set; --name NAME, or PUSHCART_WORKER_NAME");
        Require(name.Length == 0 || (parts.Length <= 2 && parts.All(p => Label().IsMatch(p))), $"name: '{name}' is no label of a domain name (1 to 63 of a-z, 0-9 and -), nor NAME/POD");
        Require(parts.Length == 1 || isService, $"name: '{name}' has a pod, which goes with a service token only: a worker that registers is one process");
        Require(values["token"] is null || values["token-file"] is null, "token and token-file: give one of them");
        Require(!isService || values["registration-token-file"] is null, "registration-token-file: it cannot stand beside a service token; give one of them");
        Require(values["token"] is not { } text || (TokenValue.HasForm(text) && text.StartsWith(TokenValue.Service, StringComparison.Ordinal)), "token: it is no service token; one is pct_ and 64 hexadecimal digits");
        if (values["token"] is not null && values.From("token") is { } from && !from.StartsWith("PUSHCART_", StringComparison.Ordinal))
        {
            warnings.Add($"token: it is given literally ({from}), where others of this machine may read it; safer: --token-file, or the variable PUSHCART_WORKER_TOKEN from a Secret");
        }

        var insecure = values.Has("insecure");
        if (insecure)
        {
            warnings.Add($"--insecure: who {server} is is not looked at, and whoever stands between can read the token");
        }
        else if (server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback)
        {
            warnings.Add($"{server} is not encrypted: the token can be read on the way");
        }

        var executor = values["executor"]!;
        Require(executor is "kubernetes" or "process", $"executor: '{executor}' is not known; it is kubernetes or process");
        Require(values["cluster"] is not { Length: > 128 }, "cluster: it has more than 128 characters");
        var most = int.TryParse(values["max-parallel-jobs"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= WorkerSettings.MostParallelJobs ? number : 0;
        Require(most > 0, $"max-parallel-jobs: '{values["max-parallel-jobs"]}' is not a number from 1 to {WorkerSettings.MostParallelJobs}");
        var secret = values["state"] is { } state && state.StartsWith("secret:", StringComparison.Ordinal) ? state["secret:".Length..].Split('/') : null;
        Require(secret is null || (secret is [{ Length: > 0 }, { Length: > 0 }]), $"state: '{values["state"]}' is not secret:NAMESPACE/NAME");
        Require(secret is null || executor == "kubernetes", "state: a Secret goes with the kubernetes executor; name a file");
        var link = new LinkSettings { Server = server, Timeout = values.Duration("link-timeout", s_least, TimeSpan.FromMinutes(5)), Insecure = insecure }
            .WithFiles(values["ca-file"], values["client-cert"], values["client-key"], errors);
        var worker = new WorkerSettings
        {
            Name = name,
            Version = version,
            Cluster = values["cluster"] ?? "",
            MaxParallelJobs = most,
            Labels = Labels(values, errors),
            CheckInInterval = values.Duration("check-in-interval", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            BusyPace = values.Duration("busy-pace", s_least, TimeSpan.FromHours(1)),
            QuietPace = values.Duration("quiet-pace", s_least, TimeSpan.FromHours(1)),
            LongPoll = values.Duration("long-poll", TimeSpan.Zero, TimeSpan.FromSeconds(20)),
            Look = values.Duration("look", s_least, TimeSpan.FromMinutes(1)),
            CreateTimeout = values.Duration("create-timeout", s_least, TimeSpan.FromMinutes(1)),
            StartAnew = values.Duration("start-anew", s_least, TimeSpan.FromMinutes(10)),
            Orphans = values.Duration("orphans", s_least, TimeSpan.FromHours(24)),
            Grace = values.Duration("grace", TimeSpan.Zero, TimeSpan.FromHours(24)),
            LinkBackOff = values.Duration("link-back-off", s_least, TimeSpan.FromMinutes(10)),
        };
        var listen = Address(values["listen"]!);
        Require(listen is not null || values["listen"] == "off", $"listen: '{values["listen"]}' is not ADDRESS:PORT, as in 127.0.0.1:8081 or *:8081, nor off");
        return errors.Count > 0 ? null : new()
        {
            Worker = worker,
            Link = link,
            Executor = executor,
            ServiceToken = isService ? new(values["token-file"], values["token"]) : null,
            RegistrationToken = values["registration-token-file"] is { } file ? new(file, null) : null,
            StateSecret = secret is null ? null : (secret[0], secret[1]),
            StateFile = secret is null && values["state"] is { } path ? path : Path.Combine(values["content-root"]!, parts[0], "state.json"),
            Listen = listen,
            Warnings = warnings,
        };

        void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                errors.Add(otherwise);
            }
        }
    }

    private static Dictionary<string, string> Labels(WorkerValues values, List<string> errors)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (values["labels"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } key, { Length: > 0 } value])
            {
                errors.Add($"labels: '{pair}' is not NAME=VALUE");
            }
            else if (!labels.TryAdd(key, value))
            {
                errors.Add($"labels: '{key}' is there twice");
            }
        }

        if (labels.Count > MostLabels)
        {
            errors.Add($"labels: {labels.Count} of them are more than {MostLabels}");
        }

        return labels;
    }

    private static IPEndPoint? Address(string text)
    {
        var at = text.LastIndexOf(':');
        return at > 0 && int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            && (text[..at] is "*" ? IPAddress.Any : IPAddress.TryParse(text[..at].Trim('[', ']'), out var address) ? address : null) is { } found ? new(found, port) : null;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();
}

using System.Text;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>The way from a process to the Table and Queue services.</summary>
internal sealed class StorageNetwork(Simulation sim, Process process) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = Call.Of(request);
        var reply = await process.CallAsync(
            sim.Clock.IsTracing ? Name(call) : "",
            () => call.Uri.Host == "tables.sim" ? sim.Tables.Handle(call) : sim.Queues.Handle(call),
            applied => sim.Dice.From(0, 2) switch
            {
                0 => new Reply(503, []),
                1 => new Reply(500, []),
                _ => throw new HttpRequestException(applied ? "the connection was reset" : "the connection was refused"),
            },
            cancellationToken).ConfigureAwait(false);
        sim.Operations++;
        sim.Budget?.Called(call, reply);
        return reply.ToResponse(request);
    }

    private static string Name(Call call)
    {
        var path = Uri.UnescapeDataString(call.Uri.AbsolutePath[1..]).Replace("PartitionKey=", "", StringComparison.Ordinal).Replace("RowKey=", "", StringComparison.Ordinal);
        var text = Encoding.UTF8.GetString(call.Body).TrimStart('\ufeff');
        return path == "$batch" ? string.Join(" + ", BatchFormat.Read(call.Body).Select(c => $"{c.Method} {c.Row}"))
            : $"{call.Method} {path}" + (call.Query("$filter") is { } filter ? $" where {filter}"
                : call.Method == "POST" ? $" {text[..Math.Min(text.Length, 200)]}" : "");
    }
}

/// <summary>The way from a process to the git servers, which speak version 2 of git's protocol.</summary>
internal sealed class GitNetwork(Simulation sim, Process process) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = Call.Of(request);
        var reply = await process.CallAsync(
            sim.Clock.IsTracing ? $"git {call.Uri.AbsolutePath}" : "",
            () => sim.Remotes.Answer(call),
            _ => sim.Dice.Chance(0.5) ? new Reply(503, []) : throw new HttpRequestException("the connection was reset"),
            cancellationToken).ConfigureAwait(false);
        return reply.ToResponse(request);
    }
}

/// <summary>A branch of a remote, with every commit that it ever pointed at.</summary>
internal sealed class Branch
{
    public List<(string Commit, DateTimeOffset Since)> Heads { get; } = [];

    public string Head => Heads[^1].Commit;

    public string HeadAt(DateTimeOffset time) => Heads.FindLast(h => h.Since <= time) is { Commit: { } commit } ? commit : Heads[0].Commit;
}

/// <summary>The git remotes of the world.</summary>
internal sealed class Remotes(VirtualClock clock, Dice dice, Func<Faults> faults)
{
    private readonly Dictionary<string, DateTimeOffset> down = [];

    public Dictionary<(string Remote, string Branch), Branch> Branches { get; } = [];

    /// <summary>A new commit, or now and then an old one again. Where replicas lag, a branch stays put for longer than they do.</summary>
    public void Push(string remote, string name)
    {
        if (!Branches.TryGetValue((remote, name), out var branch))
        {
            Branches[(remote, name)] = branch = new();
        }
        else if (faults().Lag > 0 && clock.Now - branch.Heads[^1].Since < TimeSpan.FromSeconds(12))
        {
            return;
        }

        var commit = branch.Heads.Count > 1 && dice.Chance(0.2)
            ? branch.Heads[^2].Commit
            : Convert.ToHexStringLower(BitConverter.GetBytes(dice.Next())).PadRight(40, '0');
        branch.Heads.Add((commit, clock.Now));
        clock.Tell("world", $"{remote} {name} is at {commit[..12]}");
    }

    public void Fail(string remote, TimeSpan time)
    {
        down[remote] = clock.Now + time;
        clock.Tell("world", $"{remote} is down for {time.TotalSeconds:0} s");
    }

    public void Repair() => down.Clear();

    public Reply Answer(Call call)
    {
        var remote = call.Uri.AbsolutePath.Split('/')[1];
        if (down.GetValueOrDefault(remote) > clock.Now)
        {
            return new(503, []);
        }

        if (call.Method == "GET")
        {
            return new(
                200,
                Encoding.UTF8.GetBytes("001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0012fetch=shallow\n0017object-format=sha1\n0000"),
                "application/x-git-upload-pack-advertisement");
        }

        // A replica that lags answers with what was there a few seconds ago.
        var at = clock.Now - (dice.Chance(faults().Lag) ? dice.Seconds(0, 8) : TimeSpan.Zero);
        var body = Encoding.UTF8.GetString(call.Body);
        var lines = Branches.Where(b => b.Key.Remote == remote)
            .Where(b => !body.Contains("ref-prefix", StringComparison.Ordinal) || body.Contains($"ref-prefix refs/heads/{b.Key.Branch}\n", StringComparison.Ordinal))
            .Select(b => $"{b.Value.HeadAt(at)} refs/heads/{b.Key.Branch}\n")
            .Select(line => $"{line.Length + 4:x4}{line}");
        return new(200, Encoding.UTF8.GetBytes(string.Concat(lines) + "0000"), "application/x-git-upload-pack-result");
    }
}

using System.Net;
using System.Text;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Tests.Support;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>What becomes of a call on its way.</summary>
internal enum Way
{
    /// <summary>It is answered.</summary>
    Open,

    /// <summary>It does not arrive.</summary>
    Cut,

    /// <summary>It is carried out, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>A proxy shows a page, with status 502.</summary>
    Page502,

    /// <summary>A proxy shows a page, with status 200.</summary>
    Page200,

    /// <summary>A proxy shows a page, with status 409.</summary>
    Page409,

    /// <summary>The server says that it is too often.</summary>
    TooOften,
}

/// <summary>A server in memory, for the worker's side: its jobs go by the product's own table of states.</summary>
internal sealed partial class ScriptedServer(ManualTime time) : HttpMessageHandler
{
    private readonly Transitions _table = new(new JobSettings());
    private readonly Dictionary<string, DateTimeOffset> _tokens = [];
    private readonly HashSet<string> _used = [];
    private string? _publicKey;
    private (string Hash, string Instance)? _registered;

    public Dictionary<string, Job> Jobs { get; } = [];

    /// <summary>Every call that arrived, with its body.</summary>
    public List<(DateTimeOffset At, string Call, string Body)> Calls { get; } = [];

    public Dictionary<(string Job, int Run), SortedDictionary<int, string>> Logs { get; } = [];

    /// <summary>Registration tokens that are good.</summary>
    public HashSet<string> Registrations { get; } = [];

    public Func<string, Way> OnTheWay { get; set; } = _ => Way.Open;

    public TimeSpan TokenLife { get; set; } = TimeSpan.FromMinutes(20);

    public bool Rejoins { get; set; } = true;

    public bool Drains { get; set; }

    public bool InUse { get; set; }

    /// <summary>How long a question for a job is held; null: it is answered at once.</summary>
    public TimeSpan? Holds { get; set; }

    public List<Verdict> Verdicts { get; } = [];

    /// <summary>Where runs of the worker may be.</summary>
    public List<string> Namespaces { get; } = ["team"];

    /// <summary>The most jobs that were claimed or running at once.</summary>
    public int MostActive { get; private set; }

    public IEnumerable<string> Called => Calls.Select(c => c.Call);

    public int Count(string call) => Calls.Count(c => c.Call == call);

    /// <summary>A job waits.</summary>
    public Job Submit(TimeSpan? deadline = null, string action = "{}")
    {
        var job = GivenWork.Job(time.GetUtcNow(), Jobs.Count, deadline ?? TimeSpan.FromHours(1), action);
        Jobs.Add(job.Id, job);
        return job;
    }

    /// <summary>A service token is good from now on.</summary>
    public void Admit(string token) => _tokens[TokenValue.HashOf(token)] = DateTimeOffset.MaxValue;

    /// <summary>No token is good any more.</summary>
    public void ForgetTokens() => _tokens.Clear();

    public void Apply(string id, JobEvent happened)
    {
        if (_table.Find(Jobs[id], happened) is { } found)
        {
            Jobs[id] = found.Next;
        }
    }

    /// <summary>What the server's Observe does with claims and starts that are silent for too long.</summary>
    public void Observe()
    {
        foreach (var id in Jobs.Keys.ToList())
        {
            Apply(id, Jobs[id].State == JobState.Running ? new TakeoverPast(time.GetUtcNow(), Jobs[id].Attempt, true) : new RunAbsent(time.GetUtcNow(), Jobs[id].Attempt, true));
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath["/api/workers/".Length..];
        var call = path[(path.LastIndexOf('/') + 1)..];
        var way = OnTheWay(call);
        if (way == Way.Cut)
        {
            throw new HttpRequestException("Connection refused");
        }

        if (way == Way.TooOften)
        {
            var later = Error(429, "workers.too_often");
            later.Headers.RetryAfter = new(TimeSpan.FromSeconds(4));
            return later;
        }

        if (way is Way.Page502 or Way.Page200 or Way.Page409)
        {
            var status = way == Way.Page502 ? HttpStatusCode.BadGateway : way == Way.Page409 ? HttpStatusCode.Conflict : HttpStatusCode.OK;
            return new(status) { Content = new StringContent("<html><body>Bad Gateway</body></html>", Encoding.UTF8, "text/html") };
        }

        var body = await request.Content!.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        Calls.Add((time.GetUtcNow(), call, body));
        if (call == "claim" && Holds is { } hold && Jobs.Values.All(j => j.State != JobState.Queued))
        {
            await Task.Delay(hold, time, cancellationToken).ConfigureAwait(false);
        }

        var answer = Answer(call, path.Split('/'), body, request.Headers.Authorization?.Parameter);
        MostActive = Math.Max(MostActive, Jobs.Values.Count(j => j.IsActive));
        return way == Way.AnswerLost ? throw new HttpRequestException("The response ended prematurely.") : answer;
    }

    private HttpResponseMessage Answer(string call, string[] path, string body, string? token)
    {
        if (call is not ("register" or "rejoin") && (token is null || !_tokens.TryGetValue(TokenValue.HashOf(token), out var until) || until < time.GetUtcNow()))
        {
            return Error(401, "auth.invalid_token");
        }

        return call switch
        {
            "register" => Register(WireJson.Read<RegisterRequest>(body), token!),
            "rejoin" => Rejoin(WireJson.Read<RejoinRequest>(body)),
            "check-in" => CheckIn(WireJson.Read<CheckInRequest>(body)),
            "claim" => Claim(WireJson.Read<ClaimRequest>(body)),
            "return" => Return(WireJson.Read<ReturnRequest>(body)),
            "start" => Start(path[1], WireJson.Read<StartRequest>(body)),
            "renew" => Renew(path[1], WireJson.Read<RenewRequest>(body)),
            "report" => Report(path[1], WireJson.Read<ReportRequest>(body)),
            _ => Log(path[1], WireJson.Read<LogChunk>(body)),
        };
    }

    private HttpResponseMessage Claim(ClaimRequest request)
    {
        var now = time.GetUtcNow();
        if (Jobs.Values.FirstOrDefault(j => j.ClaimKey == request.Key && j.IsActive) is { } again)
        {
            return Ok(Told(again));
        }

        var taken = Jobs.Values.Where(j => j.IsActive && j.Worker == request.Worker).Select(j => j.Slot).ToList();
        var slot = Enumerable.Range(0, request.MaxParallelJobs).FirstOrDefault(n => !taken.Contains(n), -1);
        if (slot < 0 || Jobs.Values.OrderBy(j => j.Id, StringComparer.Ordinal).FirstOrDefault(j => j.State == JobState.Queued && j.NotBefore <= now) is not { } job)
        {
            return new(HttpStatusCode.NoContent);
        }

        Apply(job.Id, new Claim(now, request.Key, request.Worker, request.Executor, slot, null, request.Cluster));
        return Ok(Told(Jobs[job.Id]));
    }

    private HttpResponseMessage Return(ReturnRequest request)
    {
        var shared = request.Worker.Split('/')[0];
        foreach (var job in Jobs.Values.Where(j => j.State == JobState.Running && j.Worker!.Split('/')[0] == shared && j.ClaimKey != request.Key).ToList())
        {
            Apply(job.Id, new Returned(time.GetUtcNow(), request.Worker, request.Cluster, request.Key, job.Slot ?? 0));
        }

        return Ok(new ReturnAnswer([.. Jobs.Values.Where(j => j.IsActive && j.ClaimKey == request.Key).Select(Told)], request.Namespaces ? Namespaces : null));
    }

    private HttpResponseMessage Start(string id, StartRequest request)
    {
        var happened = new StartAsked(time.GetUtcNow(), request.Attempt, request.Key, request.Anew);
        if (Jobs.TryGetValue(id, out var job) && _table.Find(job, happened) is { } found)
        {
            Jobs[id] = found.Next;
            return Ok(new StartAnswer(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(20)));
        }

        return Conflict(job, request.Attempt, job is { State: JobState.Running } ? job.Stop == JobStop.None ? ConflictReasons.Started : ConflictReasons.Stopped
            : job is { Stop: not JobStop.None } ? ConflictReasons.Stopped : ConflictReasons.Requeued);
    }

    private HttpResponseMessage Renew(string id, RenewRequest request)
    {
        if (Jobs.TryGetValue(id, out var job) && _table.Find(job, new Renewed(time.GetUtcNow(), request.Attempt, request.Progress)) is { } found)
        {
            Jobs[id] = found.Next;
            return Ok(new RenewAnswer(TimeSpan.FromSeconds(60), Drains, job.Stop switch { JobStop.Cancel => StopWords.Cancel, JobStop.PendingLimit => StopWords.PendingLimit, _ => null }));
        }

        return Conflict(job, request.Attempt, ConflictReasons.NotNow);
    }

    private HttpResponseMessage Report(string id, ReportRequest report)
    {
        var now = time.GetUtcNow();
        var view = new RunView
        {
            Key = new("team", "x", id, report.Run),
            Uid = report.RunUid ?? "",
            Version = "",
            Phase = RunPhase.Failed,
            ExitCode = report.ExitCode,
            Reason = report.Reason,
            Message = report.Message,
            Pods = report.Pods,
        };
        JobEvent happened = report.What switch
        {
            ReportWords.Refused => new CreateRefused(now, report.Attempt, report.Message!),
            ReportWords.Busy => new CreateBusy(now, report.Attempt, report.Message!),
            ReportWords.HandedBack => new HandedBack(now, report.Attempt),
            ReportWords.Succeeded => new RunSucceeded(now, view, report.Attempt),
            ReportWords.Failed => new RunFailed(now, view, report.Attempt),
            ReportWords.ImagesMissing => new ImagesMissing(now, report.Run, report.Reason!, report.Attempt),
            _ => new RunGone(now, report.Run, report.JustSeen, report.Attempt),
        };
        if (Jobs.TryGetValue(id, out var job) && _table.Find(job, happened) is { } found)
        {
            Jobs[id] = found.Next;
            return Ok(new ReportAnswer(found.Next.State.ToString(), found.Next.Outcome?.ToString()));
        }

        return job is { State: JobState.Ended } && job.Attempt == report.Attempt && job.Outcome == JobOutcome.Succeeded && report.What == ReportWords.Succeeded
            ? Ok(new ReportAnswer("ended", "succeeded"))
            : Conflict(job, report.Attempt, ConflictReasons.NotNow);
    }

    private HttpResponseMessage Log(string id, LogChunk chunk)
    {
        Logs.TryAdd((id, chunk.Run), []);
        Logs[(id, chunk.Run)].TryAdd(chunk.Number, chunk.Text);
        return Ok(new LogAnswer(false));
    }

    private static ClaimAnswer Told(Job job) =>
        new(job, job.Attempt, job.Run, job.ClaimKey!, TimeSpan.FromSeconds(60), "inst", job.Stop == JobStop.None ? null : StopWords.Cancel);

    private static HttpResponseMessage Conflict(Job? job, int attempt, string otherwise)
    {
        var reason = job is null ? ConflictReasons.Unknown
            : job.State == JobState.Ended ? ConflictReasons.Ended
            : job.State == JobState.Queued ? ConflictReasons.Requeued
            : job.Cluster == "south" ? ConflictReasons.OtherWorker
            : job.Attempt != attempt ? ConflictReasons.TakenOver
            : otherwise;
        return Error(409, "workers.conflict", reason);
    }

    private static HttpResponseMessage Ok<T>(T answer) => new(HttpStatusCode.OK) { Content = new StringContent(WireJson.Write(answer), Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Error(int status, string code, string? reason = null, string message = "no") =>
        new((HttpStatusCode)status) { Content = new StringContent(WireJson.Write(new ErrorAnswer(code, message, reason)), Encoding.UTF8, "application/json") };
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>
/// Lets workers in: an admin adds a name, and gets a registration token, good once; the worker trades it for a token of its own, of which it sends the hash; after an outage longer than its
/// token's life it comes back by its key. Each step is one transaction over the worker's row, with the version that was seen, and can be asked for again after a lost answer.
/// </summary>
public sealed class Registering(
    WorkerStore workers, WorkerTokens tokens, Installation installation, WorkerSettings settings, JobSettings jobs, Chance chance, TimeProvider time, ILogger<Registering> log)
{
    private const int Tries = 5;
    private static readonly TimeSpan s_clocksApart = TimeSpan.FromMinutes(5);

    /// <summary>Adds a worker, or gives one that has not registered a new registration token; the one before is void.</summary>
    /// <param name="request">Which.</param>
    /// <param name="by">Who adds it.</param>
    /// <param name="cancellation">Ends the call; it may have been written, and the token is lost then: it is added again.</param>
    public async Task<Answer<AddWorkerAnswer>> AddAsync(AddWorkerRequest request, string by, CancellationToken cancellation)
    {
        if ((WireRules.Name(request.Name) ?? WireRules.Labels(request.Labels)) is { } wrong)
        {
            return wrong;
        }

        var value = TokenValue.New(TokenValue.Registration, chance);
        var hash = TokenValue.HashOf(value);
        for (var n = 0; n < Tries; n++)
        {
            var now = time.GetUtcNow();
            var before = await workers.FindAsync(request.Name, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            if (before?.RegistrationHash == hash)
            {
                return new AddWorkerAnswer(request.Name, value, now + settings.RegistrationLife);
            }

            if (before is { RegisteredAt: not null } && !request.Replace)
            {
                return new Refusal(RefusalCodes.WorkerExists, $"the worker {request.Name} is registered; 'replace' makes its token and its key void, so that another process registers in its place and keeps its jobs");
            }

            var until = now + settings.RegistrationLife;
            var old = await tokens.OfAsync(request.Name, cancellation).ConfigureAwait(false);
            var added = (before ?? new() { Name = request.Name }) with
            {
                AddedAt = before?.AddedAt ?? now,
                GivenLabels = request.Labels is null ? before?.GivenLabels : WorkerLabels.Write(request.Labels),
                RegistrationHash = hash,
                RegisteredAt = null,
                PublicKey = null,
                TokenHash = null,
                Instance = null,
            };
            if (await ChangeAsync(added, old, [Change.Insert(WorkerTokens.New(hash, request.Name, registers: true, until))], cancellation).ConfigureAwait(false))
            {
                log.LogInformation("worker {Worker} added by {By}; it can register until {Until}", request.Name, by, Rfc3339.Text(until));
                return new AddWorkerAnswer(request.Name, value, until);
            }
        }

        return Changing;
    }

    /// <summary>Registers a worker.</summary>
    public async Task<Answer<RegisterAnswer>> RegisterAsync(RegisterRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Worker(request.Worker) ?? WireRules.Instance(request.Instance) ?? WireRules.Hash("tokenHash", request.TokenHash) ?? WireRules.PublicKey(request.PublicKey)
            ?? WireRules.About(request.About) ?? WireRules.Interval(request.About.CheckInInterval, settings.TokenLife)) is { } wrong)
        {
            return wrong;
        }

        if (caller.Bound is not { } bound || bound.Worker != request.Worker)
        {
            return new Refusal(RefusalCodes.OtherWorkerName, $"the registration token is for another worker than {request.Worker}");
        }

        for (var n = 0; n < Tries; n++)
        {
            var before = await workers.FindAsync(request.Worker, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            if (before is null || before.RegistrationHash != bound.Hash)
            {
                return Admission.Gone(request.Worker);
            }

            if (before.RegisteredAt is not null)
            {
                // The same again is a lost answer; anything else is a second use.
                return before.TokenHash == request.TokenHash && before.Instance == request.Instance
                    ? await AnswerAsync(request.About.CheckInInterval, cancellation).ConfigureAwait(false)
                    : new Refusal(RefusalCodes.RegistrationUsed, $"the registration token of {request.Worker} was used; an admin runs: pushcart workers add {request.Worker} --replace");
            }

            var now = time.GetUtcNow();
            var registered = before.With(request.Instance, request.About, now) with { RegisteredAt = now, PublicKey = request.PublicKey, TokenHash = request.TokenHash, TokenAt = now, State = null, Error = null };
            var token = WorkerTokens.New(request.TokenHash, request.Worker, registers: false, now + settings.TokenLife);
            if ((await workers.WriteAsync(registered, [Change.Insert(token)], cancellation).ConfigureAwait(false)).Worker is not null)
            {
                tokens.Forget(request.TokenHash);
                log.LogInformation("worker {Worker} registered: {Executor} in {Cluster}", request.Worker, request.About.Executor, request.About.Cluster);
                return await AnswerAsync(request.About.CheckInInterval, cancellation).ConfigureAwait(false);
            }
        }

        return Changing;
    }

    /// <summary>Lets a registered worker in again whose token has ended while it was away: it proves by its key who it is.</summary>
    public async Task<Answer<RegisterAnswer>> RejoinAsync(RejoinRequest request, CancellationToken cancellation)
    {
        if ((WireRules.Worker(request.Worker) ?? WireRules.Instance(request.Instance) ?? WireRules.Hash("tokenHash", request.TokenHash)) is { } wrong)
        {
            return wrong;
        }

        for (var n = 0; n < Tries; n++)
        {
            var worker = await workers.FindAsync(request.Worker, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            var now = time.GetUtcNow();
            if (worker is not { RegisteredAt: not null, PublicKey: { } key, CheckInInterval: { } interval } || worker.Instance != request.Instance
                || !IsNow(request.At, now) || !IsSigned(request, key) || !(now < worker.LastCheckIn + settings.Rejoin))
            {
                log.LogWarning("worker {Worker} asked to rejoin, and was refused", request.Worker);
                return new Refusal(
                    RefusalCodes.RejoinRefused,
                    $"{request.Worker} is not let in: it is not registered, this is not its process or its key, its clock is more than 5 minutes off, or it was away for longer than {settings.Rejoin} (Workers:Rejoin); an admin runs: pushcart workers add {request.Worker} --replace");
            }

            // A replay repeats the hash: it makes nothing good, and nothing last longer.
            if (await tokens.FindAsync(request.TokenHash, cancellation).ConfigureAwait(false) is { } there)
            {
                return there.GetString("worker") == request.Worker
                    ? await AnswerAsync(interval, cancellation).ConfigureAwait(false)
                    : WireBody.Wrong("tokenHash", "draw another token");
            }

            var token = WorkerTokens.New(request.TokenHash, request.Worker, registers: false, now + settings.TokenLife);
            if ((await workers.WriteAsync(worker with { TokenHash = request.TokenHash, TokenAt = now }, [Change.Insert(token)], cancellation).ConfigureAwait(false)).Worker is not null)
            {
                tokens.Forget(request.TokenHash);
                log.LogInformation("worker {Worker} is back by its key; it had checked in last at {Last}", request.Worker, Rfc3339.Text(worker.LastCheckIn));
                return await AnswerAsync(interval, cancellation).ConfigureAwait(false);
            }
        }

        return Changing;
    }

    /// <summary>Deletes a worker and all its tokens: refused at once here, and within 30 s by other instances. Its jobs end, or are taken up, by their times.</summary>
    /// <returns>Null where it is deleted.</returns>
    public async Task<Refusal?> DeleteAsync(string name, CancellationToken cancellation)
    {
        for (var n = 0; n < Tries; n++)
        {
            if (await workers.FindAsync(name, TimeSpan.Zero, cancellation).ConfigureAwait(false) is not { } worker)
            {
                // On a later turn it is gone by our own try whose answer was lost, or by somebody else's.
                return n == 0 ? WorkerAdministration.NotFound(name) : null;
            }

            if (await ChangeAsync(worker, await tokens.OfAsync(name, cancellation).ConfigureAwait(false), null, cancellation).ConfigureAwait(false))
            {
                return null;
            }
        }

        return Changing;
    }

    internal static Refusal Changing { get; } = new(RefusalCodes.WorkerChanging, "others change this worker all the time; nothing was written: try again");

    /// <summary>Makes all tokens of a worker void, then writes its row with the last of them, or deletes it; false where something has changed meanwhile.</summary>
    private async Task<bool> ChangeAsync(WorkerRecord worker, List<Azure.Data.Tables.TableEntity> old, Change[]? with, CancellationToken cancellation)
    {
        // Two rows are left for the worker and its new token.
        var deletes = old.Select(row => Change.Delete(row.PartitionKey, row.RowKey, row.ETag)).ToList();
        try
        {
            for (; deletes.Count > Table.MaximumChanges - 2; deletes.RemoveRange(0, Table.MaximumChanges - 2))
            {
                if (!(await workers.WriteAsync(deletes[..(Table.MaximumChanges - 2)], cancellation).ConfigureAwait(false)).Applied)
                {
                    return false;
                }
            }

            return with is null
                ? await workers.DeleteAsync(worker, deletes, cancellation).ConfigureAwait(false)
                : (await workers.WriteAsync(worker, [.. with, .. deletes], cancellation).ConfigureAwait(false)).Worker is not null;
        }
        finally
        {
            tokens.Forget(old.Select(WorkerTokens.HashOf));
        }
    }

    private async Task<RegisterAnswer> AnswerAsync(TimeSpan interval, CancellationToken cancellation) =>
        new(settings.TokenLife, interval, jobs.Lease, CheckingIn.RenewEvery(jobs), await installation.IdAsync(cancellation).ConfigureAwait(false));

    private static bool IsNow(string at, DateTimeOffset now) =>
        at.Length is >= 20 and <= 40 && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && (now - time).Duration() <= s_clocksApart;

    private static bool IsSigned(RejoinRequest request, string publicKey)
    {
        var signature = new byte[128];
        if (request.Signature.Length > 128 || !Convert.TryFromBase64String(request.Signature, signature, out var length))
        {
            return false;
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        var text = Encoding.UTF8.GetBytes(RejoinText.Of(request.Worker, request.Instance, request.TokenHash, request.At));
        return key.VerifyData(text, signature.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

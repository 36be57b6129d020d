using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.State;

namespace Pushcart.Workers.Working.Membership;

/// <summary>
/// A token that the worker draws itself, at registration and anew at each check-in. Whatever is told to the server is kept first, so that a crash or a lost answer leaves a token that works:
/// <list type="number">
/// <item>Not registered: the registration token is traded in; the same request again, if the answer is lost.</item>
/// <item>Registered: of the last token and the next one, which perhaps was never told, one works.</item>
/// <item>Both refused: it was away for longer than they live, and rejoins by its key. Refused too: it is paused, until an admin gives it a new registration token.</item>
/// </list>
/// </summary>
public sealed class RegisteredCredentials : ICredentials
{
    private static readonly TimeSpan s_rejoinAgain = TimeSpan.FromMinutes(5);

    private readonly TokenSource? _source;
    private readonly ServerLink _link;
    private readonly IWorkerStateStore _store;
    private readonly TimeProvider _time;
    private readonly Chance _chance;
    private readonly ILogger<RegisteredCredentials> _log;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _refused = [];
    private WorkerState _state;
    private string? _current;
    private string? _next;
    private string? _rejoin;
    private bool _isSure;
    private (string Hash, string Why)? _refusedRegistration;
    private (DateTimeOffset Until, string Why)? _refusedRejoin;

    /// <summary>Credentials that go on from a state.</summary>
    /// <param name="source">Where the registration token comes from; null: there is none, the state is to be enough.</param>
    /// <param name="state">The state, as it was read.</param>
    /// <param name="store">Where it is kept.</param>
    /// <param name="link">The server.</param>
    /// <param name="time">The time.</param>
    /// <param name="chance">Draws tokens.</param>
    /// <param name="log">The log.</param>
    public RegisteredCredentials(TokenSource? source, WorkerState state, IWorkerStateStore store, ServerLink link, TimeProvider time, Chance chance, ILogger<RegisteredCredentials> log)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_source, _state, _store, _link, _time, _chance, _log) = (source, state, store, link, time, chance, log);
        _current = state.Registered ? state.NextToken ?? state.Token : null;
    }

    /// <inheritdoc/>
    public string? Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <inheritdoc/>
    public bool Refused(string used)
    {
        lock (_lock)
        {
            _refused.Add(used);
            if (_current == used)
            {
                string?[] others = [_next, _state.NextToken, _state.Token];
                _current = others.FirstOrDefault(other => other is not null && !_refused.Contains(other));
            }

            return _current is not null;
        }
    }

    /// <inheritdoc/>
    public Task<Preparation> PrepareAsync(WorkerAbout about, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(about);
        if (Current is not null)
        {
            return Task.FromResult(new Preparation());
        }

        var isNew = _source?.Read(TokenValue.Registration).Token is { } token && TokenValue.HashOf(token) is { } hash && hash != _state.Registration && hash != _refusedRegistration?.Hash;
        return _state.Registered && !isNew ? RejoinAsync(cancellation) : RegisterAsync(about, cancellation);
    }

    /// <inheritdoc/>
    public async Task<string?> NextAsync(CancellationToken cancellation)
    {
        // Which of two tokens is good the first check-in of a process tells; until then both are kept.
        if (!_isSure)
        {
            return null;
        }

        if (_next is null)
        {
            var next = TokenValue.New(TokenValue.Worker, _chance);
            if (!await KeepAsync(_state with { Token = Current ?? _state.Token, NextToken = next }, cancellation).ConfigureAwait(false))
            {
                return null;
            }

            _next = next;
        }

        return TokenValue.HashOf(_next);
    }

    /// <inheritdoc/>
    public bool Accepted(bool next)
    {
        lock (_lock)
        {
            var first = !_isSure;
            _isSure = true;
            _refused.Clear();
            if (next)
            {
                (_current, _next) = (_next ?? _current, null);
            }

            return first;
        }
    }

    // 1. Registration.
    private async Task<Preparation> RegisterAsync(WorkerAbout about, CancellationToken cancellation)
    {
        var (token, error) = _source?.Read(TokenValue.Registration) ?? (null, null);
        if (token is null)
        {
            return Unregistered(error);
        }

        var hash = TokenValue.HashOf(token);
        if (_refusedRegistration is { } before && before.Hash == hash)
        {
            return Unregistered(before.Why);
        }

        if (_state.Registration != hash || _state is { Token: null } or { Key: null })
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var drawn = _state with
            {
                Registered = false,
                Registration = hash,
                Token = TokenValue.New(TokenValue.Worker, _chance),
                NextToken = null,
                Key = Convert.ToBase64String(made.ExportPkcs8PrivateKey()),
            };
            if (!await KeepAsync(drawn, cancellation).ConfigureAwait(false))
            {
                return new($"not registered: nothing can be kept in {_store.Where}");
            }
        }

        using var key = Key();
        var request = new RegisterRequest(_state.Worker, _state.Instance, TokenValue.HashOf(_state.Token!), Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), about);
        var answer = await _link.RegisterAsync(token, request, cancellation).ConfigureAwait(false);
        if (answer.Refusal is { } refusal)
        {
            // What is wrong with the settings is no fault of the token.
            _refusedRegistration = refusal.Status == 400 ? null : (hash, refusal.ToString());
            return refusal.Status == 400 ? new(refusal.ToString(), Wrong: true) : Unregistered(refusal.ToString());
        }

        return answer.Value is { } terms ? await JoinedAsync(_state.Token!, terms, about.CheckInInterval, cancellation).ConfigureAwait(false) : new($"not registered yet: {answer.Why}", LinkFailed: true);
    }

    // 3. By the key.
    private async Task<Preparation> RejoinAsync(CancellationToken cancellation)
    {
        if (_refusedRejoin is { } refused && refused.Until > _time.GetUtcNow())
        {
            return Unregistered(refused.Why);
        }

        _rejoin ??= TokenValue.New(TokenValue.Worker, _chance);
        if (_state.NextToken != _rejoin && !await KeepAsync(_state with { NextToken = _rejoin }, cancellation).ConfigureAwait(false))
        {
            return new($"cannot rejoin: nothing can be kept in {_store.Where}");
        }

        var (hash, at) = (TokenValue.HashOf(_rejoin), Rfc3339.Text(_time.GetUtcNow()));
        using var key = Key();
        var signature = key.SignData(
            Encoding.UTF8.GetBytes(RejoinText.Of(_state.Worker, _state.Instance, hash, at)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var answer = await _link.RejoinAsync(new(_state.Worker, _state.Instance, hash, at, Convert.ToBase64String(signature)), cancellation).ConfigureAwait(false);
        if (answer.Refusal is { } refusal)
        {
            _refusedRejoin = (_time.GetUtcNow() + s_rejoinAgain, refusal.ToString());
            return Unregistered(refusal.ToString());
        }

        if (answer.Value is not { } terms)
        {
            return new($"cannot rejoin yet: {answer.Why}", LinkFailed: true);
        }

        _log.LogInformation("rejoined as {Worker}: it was away for longer than its token lives", _state.Worker);
        return await JoinedAsync(_rejoin, terms, interval: null, cancellation).ConfigureAwait(false);
    }

    private async Task<Preparation> JoinedAsync(string token, RegisterAnswer terms, TimeSpan? interval, CancellationToken cancellation)
    {
        if (interval >= terms.TokenLife)
        {
            return new($"check-in-interval: {interval} is not shorter than the life of the worker's token, {terms.TokenLife}, so that it would always run out", Wrong: true);
        }

        // Where it cannot be kept, the same request again gives the same.
        await KeepAsync(_state with { Registered = true, Token = token, NextToken = null }, cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            _refused.Clear();
            (_current, _next, _rejoin, _refusedRejoin, _isSure) = (token, null, null, null, true);
        }

        return new(Terms: new(terms.LeaseDuration, terms.RenewEvery, terms.Installation));
    }

    private async Task<bool> KeepAsync(WorkerState state, CancellationToken cancellation)
    {
        if (await _store.WriteAsync(state, cancellation).ConfigureAwait(false) is { } error)
        {
            _log.LogError("{Error}", error);
            return false;
        }

        _state = state;
        return true;
    }

    private Preparation Unregistered(string? why) =>
        new($"not registered; an admin runs: pushcart workers add {_state.Worker}{(_state.Registered ? " --replace" : "")}{(why is null ? "" : $" ({why})")}");

    private ECDsa Key()
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(_state.Key!), out _);
        return key;
    }
}

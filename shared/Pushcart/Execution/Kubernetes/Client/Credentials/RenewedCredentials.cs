namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>A credential with its times.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="FreshUntil">When another one is asked for; null: only after a 401.</param>
/// <param name="UsableUntil">Until when it serves where no other can be had; null: for ever.</param>
internal sealed record DatedCredential(KubeCredential Credential, DateTimeOffset? FreshUntil, DateTimeOffset? UsableUntil);

/// <summary>
/// A credential that is asked for again when it is no longer fresh, or when the server refuses it. All who need it at once share one question,
/// which has a time-out of its own and goes on when one of them is cancelled.
/// </summary>
/// <param name="ask">Asks for a credential, in time.</param>
/// <param name="time">The clock.</param>
internal sealed class RenewedCredentials(Func<Task<KubeAnswer<DatedCredential>>> ask, TimeProvider time) : IKubeCredentials
{
    /// <summary>The shortest time between two questions: a server that refuses every credential must not have a plugin run for every request.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private DatedCredential? _current;
    private DateTimeOffset _askedAt;
    private Task<KubeAnswer<KubeCredential>>? _asking;

    /// <inheritdoc/>
    public Task<KubeAnswer<KubeCredential>> GetAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_current is { } current && (current.FreshUntil is not { } until || time.GetUtcNow() < until))
            {
                return Task.FromResult<KubeAnswer<KubeCredential>>(current.Credential);
            }

            // Not within the lock: what is asked may answer at once.
            _asking ??= Task.Run(AskAsync, CancellationToken.None);
            return _asking.WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public bool Refused(KubeCredential credential)
    {
        lock (_lock)
        {
            if (_current is null || !ReferenceEquals(_current.Credential, credential))
            {
                return true;
            }

            if (time.GetUtcNow() - _askedAt < Pause)
            {
                return false;
            }

            _current = null;
            return true;
        }
    }

    private async Task<KubeAnswer<KubeCredential>> AskAsync()
    {
        try
        {
            var answer = await ask().ConfigureAwait(false);
            lock (_lock)
            {
                var now = time.GetUtcNow();
                _askedAt = now;
                if (answer.Value is { } value)
                {
                    _current = value;
                    return value.Credential;
                }

                if (_current is not { } old || (old.UsableUntil is { } until && now >= until))
                {
                    _current = null;
                    return answer.Failure!;
                }

                _current = old with { FreshUntil = now + Pause };
                return old.Credential;
            }
        }
        finally
        {
            lock (_lock)
            {
                _asking = null;
            }
        }
    }
}

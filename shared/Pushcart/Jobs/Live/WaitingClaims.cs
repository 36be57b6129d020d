using Pushcart.Resources;

namespace Pushcart.Jobs.Live;

/// <summary>
/// Claims of registered workers that wait in this process for a job. It asks storage nothing: who submits a job here, or frees a slot, tells those whom it might concern, and they look.
/// What another process submits they find when they ask again.
/// </summary>
public sealed class WaitingClaims(TimeProvider time)
{
    /// <summary>Claims that wait at most; further ones are answered at once.</summary>
    public const int Most = 1_000;

    private readonly TimeProvider _time = time;
    private readonly Lock _gate = new();
    private readonly HashSet<Seat> _seats = [];
    private bool _closed;

    /// <summary>How many wait now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _seats.Count;
            }
        }
    }

    /// <summary>Takes a seat, before storage is looked at: what is told from then on is not missed. To be disposed.</summary>
    /// <param name="worker">Who waits.</param>
    /// <param name="labels">What it has.</param>
    /// <param name="within">Where its jobs may be.</param>
    public Seat Enter(string worker, IReadOnlyDictionary<string, string>? labels, AllowedNamespaces within)
    {
        var seat = new Seat(this, job => job.Admits(worker, labels) && within.Has(job.Namespace));
        lock (_gate)
        {
            if (!_closed && _seats.Count < Most)
            {
                _seats.Add(seat);
            }
            else
            {
                seat.Close();
            }
        }

        return seat;
    }

    /// <summary>Tells of jobs that might be claimed now.</summary>
    public void Tell(IReadOnlyCollection<Job> jobs)
    {
        List<Seat> told;
        lock (_gate)
        {
            told = [.. _seats.Where(seat => jobs.Any(seat.Concerns))];
        }

        told.ForEach(seat => seat.Tell());
    }

    /// <summary>Lets all go, and nobody wait any more: the process stops.</summary>
    public void Close()
    {
        List<Seat> all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _seats];
            _seats.Clear();
        }

        all.ForEach(seat => seat.Close());
    }

    private void Leave(Seat seat)
    {
        lock (_gate)
        {
            _seats.Remove(seat);
        }
    }

    /// <summary>One that waits.</summary>
    public sealed class Seat : IDisposable
    {
        private readonly WaitingClaims _claims;
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _told = new(0, 1);
        private volatile bool _closed;
        private bool _left;

        internal Seat(WaitingClaims claims, Func<Job, bool> concerns) => (_claims, Concerns) = (claims, concerns);

        internal Func<Job, bool> Concerns { get; }

        /// <summary>Waits until it is told of something, or the time is over.</summary>
        /// <param name="most">How long.</param>
        /// <param name="gone">Fires when the one that waits has gone: it is told nothing any more.</param>
        /// <param name="cancellation">Ends the wait.</param>
        /// <returns>True where it was told.</returns>
        public async Task<bool> WaitAsync(TimeSpan most, CancellationToken gone, CancellationToken cancellation)
        {
            if (_closed || most <= TimeSpan.Zero)
            {
                return false;
            }

            using var timer = new CancellationTokenSource(most, _claims._time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, gone, cancellation);
            try
            {
                await _told.WaitAsync(either.Token).ConfigureAwait(false);
                return !_closed && !gone.IsCancellationRequested;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return false;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _claims.Leave(this);
            lock (_gate)
            {
                _left = true;
                _told.Dispose();
            }
        }

        internal void Tell()
        {
            lock (_gate)
            {
                if (!_left && _told.CurrentCount == 0)
                {
                    _told.Release();
                }
            }
        }

        internal void Close()
        {
            _closed = true;
            Tell();
        }
    }
}

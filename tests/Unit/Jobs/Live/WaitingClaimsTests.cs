using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Jobs.Live;

public sealed class WaitingClaimsTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_claim_is_told_of_a_job_that_it_may_run_and_of_no_other()
    {
        var claims = new WaitingClaims(_time);
        using var seat = claims.Enter("edge/a", new Dictionary<string, string> { ["gpu"] = "true" }, AllowedNamespaces.Only("team"));
        var waiting = seat.WaitAsync(s_long, default, default);

        claims.Tell([GivenJob.Queued() with { ForWorker = "west" }, GivenJob.Queued() with { ForWorker = "edge", Namespace = "other" }, GivenJob.Queued() with { ForLabels = "gpu=false" }]);
        Assert.False(waiting.IsCompleted);
        claims.Tell([GivenJob.Queued() with { ForWorker = "edge", ForLabels = "gpu=true" }]);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task What_is_told_before_the_wait_is_not_missed_and_is_told_once()
    {
        var claims = new WaitingClaims(_time);
        using var seat = claims.Enter("edge", null, AllowedNamespaces.All);
        claims.Tell([GivenJob.Queued() with { ForWorker = "edge" }]);
        claims.Tell([GivenJob.Queued() with { ForWorker = "edge" }]);

        Assert.True(await seat.WaitAsync(s_long, default, default));
        var again = seat.WaitAsync(s_long, default, default);
        Assert.False(again.IsCompleted);
        _time.Advance(s_long);
        Assert.False(await again);
    }

    [Fact]
    public async Task Nobody_waits_once_the_process_stops_and_one_that_has_hung_up_is_told_nothing()
    {
        var claims = new WaitingClaims(_time);
        using var seat = claims.Enter("edge", null, AllowedNamespaces.All);
        using var gone = new CancellationTokenSource();
        using var other = claims.Enter("edge", null, AllowedNamespaces.All);
        var (waiting, hungUp) = (seat.WaitAsync(s_long, default, default), other.WaitAsync(s_long, gone.Token, default));

        await gone.CancelAsync();
        Assert.False(await hungUp);
        claims.Close();
        Assert.False(await waiting);
        using var late = claims.Enter("edge", null, AllowedNamespaces.All);
        Assert.False(await late.WaitAsync(s_long, default, default));
        Assert.Equal(0, claims.Count);
    }

    [Fact]
    public async Task Beyond_the_most_that_wait_a_claim_is_answered_at_once()
    {
        var claims = new WaitingClaims(_time);
        var seats = Enumerable.Range(0, WaitingClaims.Most).Select(_ => claims.Enter("edge", null, AllowedNamespaces.All)).ToList();
        using var one = claims.Enter("edge", null, AllowedNamespaces.All);

        Assert.False(await one.WaitAsync(s_long, default, default));
        seats.ForEach(seat => seat.Dispose());
        Assert.Equal(0, claims.Count);
    }
}

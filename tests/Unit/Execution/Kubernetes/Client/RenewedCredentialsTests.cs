using Azure.Core;
using Azure.Identity;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class RenewedCredentialsTests
{
    private readonly ManualTime _time = new();
    private int _asked;
    private Func<int, Task<KubeAnswer<DatedCredential>>> _answer = n => Task.FromResult<KubeAnswer<DatedCredential>>(new DatedCredential(new KubeCredential($"t{n}"), null, null));

    private RenewedCredentials Credentials => field ??= new RenewedCredentials(() => _answer(++_asked), _time);

    [Fact]
    public async Task It_is_asked_again_when_it_is_no_longer_fresh()
    {
        _answer = n => Dated(n, fresh: 60, usable: 60);

        Assert.Equal("t1", await Token());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("t1", await Token());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("t2", await Token());
    }

    [Fact]
    public async Task All_who_need_it_share_one_question()
    {
        var gate = new TaskCompletionSource();
        _answer = async n =>
        {
            await gate.Task;
            return await Dated(n, 60, 60);
        };
        using var cancelled = new CancellationTokenSource();
        var first = Credentials.GetAsync(cancelled.Token);
        var others = Enumerable.Range(0, 10).Select(_ => Token()).ToList();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        Assert.All(await Task.WhenAll(others), token => Assert.Equal("t1", token));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_refused_credential_is_asked_for_again_but_not_at_once()
    {
        var first = (await Credentials.GetAsync(default)).Value!;
        Assert.False(Credentials.Refused(first));
        _time.Advance(RenewedCredentials.Pause);
        Assert.True(Credentials.Refused(first));
        Assert.Equal("t2", await Token());

        // Somebody else's request was still on its way with the old one.
        Assert.True(Credentials.Refused(first));
        Assert.Equal("t2", await Token());
    }

    [Fact]
    public async Task Where_no_other_can_be_had_the_old_one_serves_as_long_as_it_may()
    {
        _answer = n => n == 1 ? Dated(n, fresh: 60, usable: 120) : Task.FromResult<KubeAnswer<DatedCredential>>(new KubeFailure(KubeFailureKind.Unauthorized, "away"));

        Assert.Equal("t1", await Token());
        _time.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("t1", await Token());
        Assert.Equal("t1", await Token());
        Assert.Equal(2, _asked);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("away", (await Credentials.GetAsync(default)).Failure?.Message);
    }

    [Fact]
    public async Task An_Entra_token_is_of_the_scope_of_AKS_and_renewed_before_its_end()
    {
        var identity = new FakeIdentity(_time);
        var credentials = EntraToken.Open(identity, _time);

        Assert.Equal("entra-1", (await credentials.GetAsync(default)).Value?.Token);
        Assert.Equal("6dae42f8-4368-4678-94ff-3960e28e3630/.default", identity.Scope);
        _time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("entra-1", (await credentials.GetAsync(default)).Value?.Token);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("entra-2", (await credentials.GetAsync(default)).Value?.Token);

        identity.Fails = true;
        _time.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal("entra-2", (await credentials.GetAsync(default)).Value?.Token);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("Microsoft Entra gives no token: no identity here", (await credentials.GetAsync(default)).Failure?.Message);
    }

    private Task<KubeAnswer<DatedCredential>> Dated(int n, int fresh, int usable) => Task.FromResult<KubeAnswer<DatedCredential>>(
        new DatedCredential(new KubeCredential($"t{n}"), _time.GetUtcNow().AddSeconds(fresh), _time.GetUtcNow().AddSeconds(usable)));

    private async Task<string?> Token() => (await Credentials.GetAsync(default)).Value?.Token;

    private sealed class FakeIdentity(TimeProvider time) : TokenCredential
    {
        private int _given;

        public bool Fails { get; set; }

        public string? Scope { get; private set; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scope = Assert.Single(requestContext.Scopes);
            return Fails ? throw new AuthenticationFailedException("no identity here") : new AccessToken($"entra-{++_given}", time.GetUtcNow().AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}

using Pushcart.Webhooks;

namespace Pushcart.Tests.Unit.Webhooks;

public sealed class ManagedSecretTests
{
    private const string Repository = "https://github.com/acme/app";
    private static readonly ManagedSecret s_secrets = new(new string('k', ManagedSecret.FewestCharacters));
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch + (700 * ManagedSecret.Period);

    [Fact]
    public void A_secret_is_the_same_for_each_form_of_the_address_and_another_for_each_repository_and_period_and_key()
    {
        var secret = s_secrets.Of(Repository, 700);

        Assert.Equal(64, secret.Length);
        Assert.Equal(secret, s_secrets.Of("git@GitHub.com:Acme/app.git", 700));
        Assert.NotEqual(secret, s_secrets.Of("https://github.com/acme/other", 700));
        Assert.NotEqual(secret, s_secrets.Of(Repository, 701));
        Assert.NotEqual(secret, new ManagedSecret(new string('l', 32)).Of(Repository, 700));
    }

    [Fact]
    public void A_secret_is_accepted_in_its_period_and_in_the_next_one()
    {
        var secret = s_secrets.Of(Repository, ManagedSecret.PeriodOf(s_start));
        bool IsAccepted(TimeSpan after) => s_secrets.Accepted(Repository, s_start + after).Contains(secret);

        Assert.Equal(secret, s_secrets.Accepted(Repository, s_start)[0]);
        Assert.True(IsAccepted(ManagedSecret.Period - TimeSpan.FromSeconds(1)));
        Assert.True(IsAccepted((2 * ManagedSecret.Period) - TimeSpan.FromSeconds(1)));
        Assert.False(IsAccepted(2 * ManagedSecret.Period));
        Assert.True(IsAccepted(TimeSpan.FromMinutes(-59)));
        Assert.False(IsAccepted(TimeSpan.FromMinutes(-61)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_key_nothing_is_accepted(string? key)
    {
        var secrets = new ManagedSecret(key);

        Assert.False(secrets.IsConfigured);
        Assert.Empty(secrets.Accepted(Repository, s_start));
        Assert.Throws<InvalidOperationException>(() => secrets.Of(Repository, 1));
    }
}

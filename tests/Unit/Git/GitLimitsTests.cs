using Pushcart.Git;

namespace Pushcart.Tests.Unit.Git;

public sealed class GitLimitsTests
{
    [Fact]
    public async Task The_time_out_is_measured_by_the_clock_that_is_given()
    {
        var time = new Support.ManualTime();
        using var never = new NeverAnswers();
        using var client = new GitClient(time, null, _ => never);
        var refs = client.ListRefsAsync(new GitEndpoint("https://a.example/x"), ["refs/heads/main"], null, CancellationToken.None);
        var files = client.ListFilesAsync(new GitEndpoint("https://a.example/x"), new string('1', 40), null, null, CancellationToken.None);

        time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(refs.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new GitFailure(GitFailureKind.TimedOut, "https://a.example/x: no whole answer within 15 s"), (await refs).Failure);
        Assert.False(files.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(GitFailureKind.TimedOut, (await files).Failure?.Kind);
    }

    private sealed class NeverAnswers : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var ended = new TaskCompletionSource<HttpResponseMessage>();
            await using var registration = cancellationToken.Register(() => ended.TrySetCanceled(cancellationToken));
            return await ended.Task;
        }
    }
}

using Pushcart.Execution;

namespace Pushcart.Tests.Unit.Execution;

/// <summary>Without a cluster nothing runs, and whoever asks is told so rather than left to guess.</summary>
public sealed class NoExecutorTests
{
    private static readonly RunKey s_key = new("default", "build-1", "1", 1);
    private readonly NoExecutor _executor = new();

    [Fact]
    public async Task Nothing_was_created_and_another_try_is_worth_it_later()
    {
        var answer = await _executor.CreateAsync(null!, default);

        Assert.Equal(CreateResult.Busy, answer.Result);
        Assert.Contains("set Executor to kubernetes", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_surely_no_run()
    {
        var list = await _executor.ListAsync(["default"], default);
        Assert.True(list.Whole);
        Assert.Empty(list.Runs);
        Assert.Equal(new FindAnswer(true, null), await _executor.FindAsync(s_key, default));
        Assert.True((await _executor.SetTtlAsync(s_key, TimeSpan.FromDays(7), default)).Done);
        Assert.Null(await _executor.ReadLogTailAsync(s_key, 1, default));
    }
}

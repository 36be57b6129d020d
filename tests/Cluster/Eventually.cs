namespace Pushcart.Tests.Cluster;

/// <summary>Waits for what must become true, and fails with its text where it does not in time.</summary>
internal static class Eventually
{
    /// <summary>Waits until the condition holds.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, int seconds = 120)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(seconds), $"not in {seconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}

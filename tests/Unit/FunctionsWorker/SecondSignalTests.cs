using Microsoft.Azure.Functions.Worker.Hosting;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class SecondSignalTests
{
    private readonly ManualTime _time = new();
    private readonly List<int> _ends = [];

    [Fact]
    public void The_second_signal_ends_the_process_with_the_code_of_that_signal()
    {
        using var signals = new SecondSignal(_time, _ends.Add);
        signals.Receive(143);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_ends);
        signals.Receive(130);
        Assert.Equal([130], _ends);
    }

    [Fact]
    public void One_stop_that_arrives_twice_is_one()
    {
        using var signals = new SecondSignal(_time, _ends.Add);
        signals.Receive(143);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        signals.Receive(143);
        Assert.Empty(_ends);
    }
}

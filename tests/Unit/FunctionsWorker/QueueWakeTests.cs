using Microsoft.Azure.Functions.Worker.Queues;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class QueueWakeTests
{
    private readonly ManualTime _time = new();
    private readonly QueueWake _wake;
    private int _woken;

    public QueueWakeTests()
    {
        _wake = new QueueWake(_time);
        _wake.Register(new Uri("http://127.0.0.1:10001/account/jobs"), () => _woken++);
    }

    [Fact]
    public void A_message_wakes_the_listener_of_its_queue_only()
    {
        _wake.Sent(new Uri("http://127.0.0.1:10001/account/jobs/messages?messagettl=5"), TimeSpan.Zero);
        Assert.Equal(1, _woken);
        _wake.Sent(new Uri("http://127.0.0.1:10001/account/checks/messages"), TimeSpan.Zero);
        _wake.Sent(new Uri("http://127.0.0.1:10001/account/jobs"), TimeSpan.Zero);
        Assert.Equal(1, _woken);
    }

    [Fact]
    public void A_delayed_message_wakes_it_when_it_can_be_seen()
    {
        _wake.Sent(new Uri("http://127.0.0.1:10001/account/jobs/messages"), TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, _woken);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, _woken);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, _woken);
    }

    [Fact]
    public void Each_listener_of_a_queue_is_woken()
    {
        var others = 0;
        _wake.Register(new Uri("http://127.0.0.1:10001/account/jobs"), () => others++);
        _wake.Sent(new Uri("http://127.0.0.1:10001/account/jobs/messages"), TimeSpan.Zero);
        Assert.Equal((1, 1), (_woken, others));
    }
}

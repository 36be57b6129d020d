using System.Diagnostics.Metrics;
using Pushcart.Telemetry;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Telemetry;

public sealed class PrometheusTextTests
{
    [Fact]
    public void A_counter_a_gauge_and_a_histogram_are_written_as_Prometheus_reads_them()
    {
        using var given = new Given();
        var counter = given.Meter.CreateCounter<long>("some.calls", "{call}", "Calls, by result");
        var histogram = given.Meter.CreateHistogram("some.time", "s", "How long", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 10] });
        given.Meter.CreateObservableGauge("some.age", () => 2.5, "s", "Age");
        counter.Add(2, new KeyValuePair<string, object?>("result", "ok"));
        counter.Add(1, new KeyValuePair<string, object?>("result", "ok"));
        counter.Add(1, new KeyValuePair<string, object?>("result", "failed"));
        histogram.Record(0.5);
        histogram.Record(3);
        histogram.Record(11.25);

        Assert.Equal(
            """
            # HELP some_age_seconds Age
            # TYPE some_age_seconds gauge
            some_age_seconds 2.5
            # HELP some_calls_total Calls, by result
            # TYPE some_calls_total counter
            some_calls_total{result="failed"} 1
            some_calls_total{result="ok"} 3
            # HELP some_time_seconds How long
            # TYPE some_time_seconds histogram
            some_time_seconds_bucket{le="0.5"} 1
            some_time_seconds_bucket{le="10"} 2
            some_time_seconds_bucket{le="+Inf"} 3
            some_time_seconds_sum 14.75
            some_time_seconds_count 3

            """,
            given.Text.Write());
        Assert.Equal(3, PrometheusParser.Read(given.Text.Write()).Count);
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData(@"a\b")]
    [InlineData(@"a\")]
    [InlineData("a\nb")]
    [InlineData("a}b,c=\"d\"")]
    [InlineData("")]
    public void A_label_comes_through_whatever_stands_in_it(string value)
    {
        using var given = new Given();
        given.Meter.CreateCounter<long>("some.calls", null, "Calls\nand \\ more").Add(1, new KeyValuePair<string, object?>("what", value), new KeyValuePair<string, object?>("code", 404));

        var sample = Assert.Single(Assert.Single(PrometheusParser.Read(given.Text.Write())).Value.Samples);

        Assert.Equal(value, sample.Labels["what"]);
        Assert.Equal("404", sample.Labels["code"]);
    }

    [Fact]
    public void A_series_that_a_gauge_shows_no_longer_is_gone_and_a_counter_goes_on()
    {
        using var given = new Given();
        var shown = new List<Measurement<double>> { new(1, new KeyValuePair<string, object?>("queue", "a")) };
        given.Meter.CreateObservableGauge("some.messages", () => shown, null, "Messages");
        var counter = given.Meter.CreateCounter<long>("some.calls", null, "Calls");
        counter.Add(1);
        Assert.Equal("a", PrometheusParser.Read(given.Text.Write())["some_messages"].Samples.Single().Labels["queue"]);

        shown[0] = new(1, new KeyValuePair<string, object?>("queue", "b"));
        counter.Add(1);
        var now = PrometheusParser.Read(given.Text.Write());

        Assert.Equal("b", now["some_messages"].Samples.Single().Labels["queue"]);
        Assert.Equal(2, now["some_calls_total"].Samples.Single().Value);
    }

    [Fact]
    public void Counting_from_many_threads_loses_nothing()
    {
        using var given = new Given();
        var counter = given.Meter.CreateCounter<long>("some.calls", null, "Calls");

        Parallel.For(0, 10_000, n =>
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", n % 3));
            if (n % 1000 == 0)
            {
                given.Text.Write();
            }
        });

        Assert.Equal(10_000, PrometheusParser.Read(given.Text.Write())["some_calls_total"].Samples.Sum(s => s.Value));
    }

    [Theory]
    [InlineData("a 1")]
    [InlineData("a 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na 1\na 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na{b=\"c\",} 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na{b=\"c\"d\"} 1\n")]
    [InlineData("# HELP a b\n# TYPE a gauge\na one\n")]
    [InlineData("# HELP a b\n# TYPE a counter\na 1\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n")]
    [InlineData("# TYPE a gauge\na 1\n")]
    public void The_parser_of_these_tests_refuses_what_is_wrong(string text) => Assert.ThrowsAny<Exception>(() => PrometheusParser.Read(text));

    private sealed class Given : IDisposable
    {
        public Given()
        {
            // Tests run at once: each has a meter of its own.
            Text = new(meter => meter == Meter);
            Text.Listen();
        }

        public Meter Meter { get; } = new("Test");

        public PrometheusText Text { get; }

        public void Dispose()
        {
            Text.Dispose();
            Meter.Dispose();
        }
    }
}

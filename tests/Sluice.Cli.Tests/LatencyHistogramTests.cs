using System.Diagnostics;
using Sluice.Cli.Bench;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class LatencyHistogramTests
{
    [Test]
    public void Percentiles_are_right_to_a_64th()
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 10_000; i++)
        {
            histogram.Record(Stopwatch.Frequency * i / 1_000_000);
        }

        foreach (double percent in (double[])[0.01, 1, 50, 90, 99, 99.9, 100])
        {
            Assert.That(histogram.Percentile(percent), Is.EqualTo(percent * 100).Within(100.0 / 64).Percent);
        }
    }

    [Test]
    public void One_outlier_is_the_maximum_alone()
    {
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 999; i++)
        {
            histogram.Record(Stopwatch.Frequency / 1000);
        }

        histogram.Record(Stopwatch.Frequency * 10);
        Assert.That(histogram.Percentile(99.9), Is.EqualTo(1000).Within(2).Percent);
        Assert.That(histogram.Percentile(100), Is.EqualTo(10_000_000).Within(2).Percent);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(long.MaxValue / 1_000_000_000)]
    public void No_time_is_out_of_range(long ticks)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(ticks);
        Assert.That(histogram.Percentile(50), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Of_nothing_there_is_no_percentile() => Assert.That(new LatencyHistogram().Percentile(50), Is.NaN);
}

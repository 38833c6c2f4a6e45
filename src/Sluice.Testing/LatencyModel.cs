using Sluice.Testing.Scheduling;

namespace Sluice.Testing;

/// <summary>Represents how long packets travel over a link. Immutable.</summary>
public abstract class LatencyModel
{
    private protected LatencyModel()
    {
    }

    /// <summary>Returns a model in which every packet takes the same time.</summary>
    /// <param name="latency">The time.</param>
    /// <returns>The model.</returns>
    public static LatencyModel Constant(TimeSpan latency) => Uniform(latency, latency);

    /// <summary>Returns a model in which every time between two bounds has the same probability.</summary>
    /// <param name="least">The shortest time.</param>
    /// <param name="most">The longest time.</param>
    /// <returns>The model.</returns>
    public static LatencyModel Uniform(TimeSpan least, TimeSpan most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(least, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, least);
        return new UniformLatency(least.Ticks, most.Ticks);
    }

    /// <summary>Returns a model in which most packets are about as fast as the median, and a few much slower, as on the Internet (log-normal).</summary>
    /// <param name="median">Half of the packets are faster.</param>
    /// <param name="percentile99">One of a hundred packets is slower.</param>
    /// <returns>The model.</returns>
    public static LatencyModel LongTail(TimeSpan median, TimeSpan percentile99)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(median, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(percentile99, median);
        return new LogNormalLatency(median.Ticks, percentile99.Ticks);
    }

    /// <summary>Draws a latency, in ticks.</summary>
    internal abstract long Draw(SeededRandom random);

    private sealed class UniformLatency(long least, long most) : LatencyModel
    {
        internal override long Draw(SeededRandom random) => least == most ? least : least + (long)(random.NextDouble() * (most - least + 1));
    }

    private sealed class LogNormalLatency(long median, long percentile99) : LatencyModel
    {
        // The 99th percentile of the standard normal distribution.
        private const double Quantile99 = 2.3263478740408408;

        private readonly double _sigma = Math.Log(percentile99 / (double)median) / Quantile99;

        internal override long Draw(SeededRandom random)
        {
            // Box and Muller.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            double normal = radius * Math.Cos(2 * Math.PI * random.NextDouble());
            return (long)Math.Min(median * Math.Exp(_sigma * normal), TimeSpan.TicksPerHour);
        }
    }
}

using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Sluice.Client.Pooling;

namespace Sluice.Client.Diagnostics;

/// <summary>
/// The instruments of the meter "Sluice.Client". Their names and units follow those of database clients in OpenTelemetry's conventions
/// (https://opentelemetry.io/docs/specs/semconv/database/database-metrics/#connection-pools).
/// </summary>
internal sealed class ClientMetrics
{
    public const string MeterName = "Sluice.Client";

    private const string Prefix = "sluice.client.connection.";

    private static readonly double[] s_seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
    private static readonly ConditionalWeakTable<Meter, ClientMetrics> s_all = [];
    private static readonly Lazy<Meter> s_ownMeter = new(() => new Meter(MeterName, typeof(ClientMetrics).Assembly.GetName().Version?.ToString(3)));

    private ImmutableArray<IMeteredPool> _pools = [];

    private ClientMetrics(Meter meter)
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds };
        Timeouts = meter.CreateCounter<long>(Prefix + "timeouts", "{timeout}", "Times that a caller got no connection in time.");
        CreateTime = meter.CreateHistogram(Prefix + "create_time", "s", "The time it took to open a connection.", tags: null, advice);
        WaitTime = meter.CreateHistogram(Prefix + "wait_time", "s", "The time it took to get a connection from the pool.", tags: null, advice);
        UseTime = meter.CreateHistogram(Prefix + "use_time", "s", "The time between renting a connection and giving it back.", tags: null, advice);
        meter.CreateObservableUpDownCounter(Prefix + "count", ObserveCounts, "{connection}", "Connections of the pool, by sluice.client.connection.state.");
        meter.CreateObservableUpDownCounter(
            Prefix + "max", () => Observe(static pool => pool.MaxConnections), "{connection}", "The largest number of connections that may be open.");
        meter.CreateObservableUpDownCounter(
            Prefix + "idle.min", () => Observe(static pool => pool.MinConnections), "{connection}", "The number of connections that are kept open.");
        meter.CreateObservableUpDownCounter(
            Prefix + "pending_requests", () => Observe(static pool => pool.Count().Waiting), "{request}", "Callers that wait for a connection.");
    }

    public Counter<long> Timeouts { get; }

    public Histogram<double> CreateTime { get; }

    public Histogram<double> WaitTime { get; }

    public Histogram<double> UseTime { get; }

    /// <summary>Gets the instruments of a meter, which are created once for each meter.</summary>
    public static ClientMetrics For(IMeterFactory? factory) =>
        s_all.GetValue(factory?.Create(MeterName) ?? s_ownMeter.Value, static meter => new ClientMetrics(meter));

    public void Watch(IMeteredPool pool) => ImmutableInterlocked.Update(ref _pools, static (all, one) => all.Add(one), pool);

    public void Unwatch(IMeteredPool pool) => ImmutableInterlocked.Update(ref _pools, static (all, one) => all.Remove(one), pool);

    private IEnumerable<Measurement<long>> Observe(Func<IMeteredPool, long> value) =>
        _pools.Select(pool => new Measurement<long>(value(pool), pool.Tags));

    private IEnumerable<Measurement<long>> ObserveCounts()
    {
        foreach (IMeteredPool pool in _pools)
        {
            (int idle, int used, _) = pool.Count();
            yield return new Measurement<long>(idle, [.. pool.Tags, new(Prefix + "state", "idle")]);
            yield return new Measurement<long>(used, [.. pool.Tags, new(Prefix + "state", "used")]);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Sluice.Tests.Diagnostics;

/// <summary>Listens to the meter of one factory, so that tests beside this one are not heard.</summary>
internal sealed class Collector : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly Meter _meter;

    public Collector(params string[] only)
    {
        _meter = new Meter("Sluice", version: null, tags: null, scope: this);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter) && (only.Length == 0 || only.Contains(instrument.Name)))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> Measurements { get; } = new();

    public Meter Create(MeterOptions options) => _meter;

    public double Sum(string name, Func<Dictionary<string, object?>, bool>? where = null) =>
        Measurements.Where(one => one.Name == name && (where is null || where(one.Tags))).Sum(one => one.Value);

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measurements.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray())));
}

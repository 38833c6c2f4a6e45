using System.Diagnostics.Metrics;

namespace Sluice.Tests.Diagnostics;

/// <summary>Runs code of a test where the instruments of one manager are measured, on the thread and at the moment of the measurement.</summary>
internal sealed class HookedMeter : IMeterFactory
{
    private readonly Meter _meter;
    private readonly MeterListener _listener = new();

    /// <param name="onMeasured">The code.</param>
    /// <param name="instrument">The name of the only instrument; null for all.</param>
    public HookedMeter(Action onMeasured, string? instrument = null)
    {
        _meter = new Meter("Sluice", version: null, tags: null, scope: this);
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (ReferenceEquals(published.Meter, _meter) && (instrument is null || published.Name == instrument))
            {
                listener.EnableMeasurementEvents(published);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => onMeasured());
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => onMeasured());
        _listener.Start();
    }

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }
}

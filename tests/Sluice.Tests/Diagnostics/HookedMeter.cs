using System.Diagnostics.Metrics;

namespace Sluice.Tests.Diagnostics;

/// <summary>Runs code of a test where one instrument is measured, on the thread and at the moment of the measurement.</summary>
internal sealed class HookedMeter : IMeterFactory
{
    private readonly Meter _meter;
    private readonly MeterListener _listener = new();

    public HookedMeter(string instrument, Action onMeasured)
    {
        _meter = new Meter("Sluice", version: null, tags: null, scope: this);
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (ReferenceEquals(published.Meter, _meter) && published.Name == instrument)
            {
                listener.EnableMeasurementEvents(published);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, _, _) => onMeasured());
        _listener.Start();
    }

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }
}

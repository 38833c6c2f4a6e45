using System.Diagnostics.Metrics;

namespace Sluice.Faults.Leaking;

/// <summary>Reads the library's own metric of the buffers that channels hold.</summary>
internal sealed class RentedBuffers : IDisposable
{
    private readonly MeterListener _listener = new()
    {
        InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Sluice" && instrument.Name == "sluice.rented_buffers")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };

    private long _rented;

    public RentedBuffers()
    {
        _listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => _rented = measurement);
        _listener.Start();
    }

    public long Count()
    {
        _listener.RecordObservableInstruments();
        return _rented;
    }

    public void Dispose() => _listener.Dispose();
}

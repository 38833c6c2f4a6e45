using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace Sluice.Bench.Running;

/// <summary>Measures the allocations of a .NET server with the runtime's event counters. This slows the server down, so nothing is timed at the same time.</summary>
internal sealed class AllocationMeter : IDisposable
{
    private const string Provider = "System.Runtime";
    private const string Counter = "alloc-rate";
    private const double IntervalSeconds = 0.5;

    private readonly List<(DateTime At, double Seconds, double Bytes)> _intervals = [];
    private readonly EventPipeSession _session;
    private readonly Thread _reading;

    /// <summary>Attaches to the server.</summary>
    /// <exception cref="UnmeasurableException">The server refuses.</exception>
    public AllocationMeter(ServerProcess server)
    {
        var arguments = new Dictionary<string, string> { ["EventCounterIntervalSec"] = IntervalSeconds.ToString(CultureInfo.InvariantCulture) };
        try
        {
            _session = new DiagnosticsClient(server.ProcessId).StartEventPipeSession(
                new EventPipeProvider(Provider, EventLevel.Informational, arguments: arguments), requestRundown: false);
        }
        catch (Exception exception) when (exception is DiagnosticsClientException or IOException or TimeoutException)
        {
            throw new UnmeasurableException(exception.Message);
        }

        _reading = new Thread(Read) { IsBackground = true, Name = "Allocations" };
        _reading.Start();
    }

    /// <summary>Detaches, and returns bytes per second in a period; NaN if it was too short.</summary>
    public double BytesASecond(DateTime from, DateTime to)
    {
        _session.Stop();
        _reading.Join();
        (DateTime At, double Seconds, double Bytes)[] within =
            [.. _intervals.Where(interval => interval.At - TimeSpan.FromSeconds(interval.Seconds) >= from && interval.At <= to)];
        return within.Sum(interval => interval.Bytes) / within.Sum(interval => interval.Seconds);
    }

    public void Dispose() => _session.Dispose();

    private void Read()
    {
        try
        {
            using var source = new EventPipeEventSource(_session.EventStream);
            source.Dynamic.AddCallbackForProviderEvent(Provider, "EventCounters", OnCounter);
            source.Process();
        }
        catch (Exception exception) when (exception is IOException or FormatException or ObjectDisposedException)
        {
            // The server has exited; the load reports it.
        }
    }

    private void OnCounter(TraceEvent data)
    {
        var payload = (IDictionary<string, object>)((IDictionary<string, object>)data.PayloadValue(0))["Payload"];
        if ((string)payload["Name"] == Counter)
        {
            _intervals.Add((data.TimeStamp.ToUniversalTime(), Convert.ToDouble(payload["IntervalSec"], CultureInfo.InvariantCulture), (double)payload["Increment"]));
        }
    }
}
